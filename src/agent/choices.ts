// What is set in a live conversation: logged when it changes, and remembered for the next
// start. The agent has the last word on what there is to choose from.

import { AppError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { NewEvent } from '../sessions/event.ts';
import { checkedChoice, type ConfigOption, configJson } from './config.ts';
import { present } from './read.ts';

export interface ChoicesParts {
  append: (events: NewEvent[]) => void;
  /** Into the session's meta. */
  remember: (meta: JsonObject) => void;
  changed: () => void;
  /** Sets it at the agent. @returns all options afterwards, where the agent says */
  set: (option: ConfigOption, value: string | boolean) => Promise<ConfigOption[] | undefined>;
}

export class Choices {
  readonly #parts: ChoicesParts;
  #options: readonly ConfigOption[] = [];

  constructor(parts: ChoicesParts) {
    this.#parts = parts;
  }

  get options(): readonly ConfigOption[] {
    return this.#options;
  }

  /** All of them, or none. @throws AppError invalid, conflict where the agent does not take one */
  async choose(chosen: JsonObject, client: string): Promise<void> {
    const checked = Object.entries(chosen).map(([name, value]) => checkedChoice(this.#options, name, value));
    for (const { option, value } of checked) {
      try {
        await this.#set(option, value, client);
      } catch (error) {
        throw new AppError('conflict', `The agent did not take it: ${reasonOf(error)}`);
      }
    }
  }

  /** At the start: what cannot be set is told, and is no reason to end. */
  async apply(wanted: Record<string, JsonValue>): Promise<void> {
    for (const [name, given] of Object.entries(wanted)) {
      try {
        const { option, value } = checkedChoice(this.#options, name, given);
        if (option.value !== value) await this.#set(option, value, undefined);
      } catch (error) {
        const title = `${name} could not be set: ${reasonOf(error)}`;
        this.#parts.append([{ channel: 'system', type: 'notice', data: { severity: 'warning', title } }]);
      }
    }
  }

  /** As the log says, of an agent that goes on. */
  recall(options: readonly ConfigOption[]): void {
    this.#options = options;
  }

  /** The agent says what is set now. */
  told(options: readonly ConfigOption[], client?: string): void {
    const changed = options.filter((option) => this.#options.find(({ id }) => id === option.id)?.value !== option.value);
    this.#options = options;
    if (changed.length === 0) return;
    const data = { options: configJson(options), changed: changed.map(({ id }) => id), client };
    this.#parts.append([{ channel: 'system', type: 'config', data: present(data) }]);
    const of = (name: string): JsonValue | undefined => options.find(({ id, category }) => id === name || category === name)?.value;
    const config = Object.fromEntries(options.map(({ id, value }) => [id, value]));
    this.#parts.remember(present({ config, mode: of('mode'), model: of('model') }));
    this.#parts.changed();
  }

  /** Of agents that know modes only. */
  toldMode(mode: string): void {
    this.told(this.#options.map((option) => (option.legacyMode ? { ...option, value: mode } : option)));
  }

  async #set(option: ConfigOption, value: string | boolean, client: string | undefined): Promise<void> {
    const told = await this.#parts.set(option, value);
    this.told(told ?? this.#options.map((one) => (one.id === option.id ? { ...one, value } : one)), client);
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
