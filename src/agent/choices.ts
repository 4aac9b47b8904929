// What is set in a live conversation: logged when it changes, and remembered for the next
// start. The agent has the last word on what there is to choose from.

import { AppError } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import type { NewEvent } from '../sessions/event.ts';
import { checkedChoice, type ConfigOption, configJson, optionNamed } from './config.ts';
import { AgentGone } from './peer.ts';
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
  #begins = false;

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

  /**
   * At the start: what the agent offers, set as it was wanted. What cannot be set is told, and is
   * no reason to end, but that it must ask. Nothing is remembered before: neither this nor a server
   * that dies meanwhile may leave the agent's own first mode behind as if somebody had chosen it.
   * @param asks the mode that it must be in, where nobody chose another
   * @throws AgentGone where it is in another
   */
  async begin(offered: readonly ConfigOption[], wanted: Record<string, JsonValue>, asks: string | null): Promise<void> {
    this.#begins = true;
    this.#options = offered;
    for (const [name, given] of Object.entries(wanted)) {
      try {
        const { option, value } = checkedChoice(this.#options, name, given);
        if (option.value !== value) await this.#set(option, value, undefined);
      } catch (error) {
        const title = `${name} could not be set: ${reasonOf(error)}`;
        this.#parts.append([{ channel: 'system', type: 'notice', data: { severity: 'warning', title } }]);
      }
    }
    this.#begins = false;
    const mode = this.value('mode');
    if (asks !== null && mode !== undefined && mode !== asks) throw new AgentGone(`It could not be put into the mode “${asks}”, in which it asks first.`);
    if (this.#options.length > 0) this.#keep(this.#options, { begins: true });
  }

  /** What is set, by option or category. */
  value(name: string): string | boolean | undefined {
    return optionNamed(this.#options, name)?.value;
  }

  /** As the log says, of an agent that goes on. */
  recall(options: readonly ConfigOption[]): void {
    this.#options = options;
  }

  /** The agent says what is set now. */
  told(options: readonly ConfigOption[], client?: string): void {
    const changed = options.filter((option) => this.#options.find(({ id }) => id === option.id)?.value !== option.value);
    this.#options = options;
    if (changed.length > 0 && !this.#begins) this.#keep(changed, { client });
  }

  /** Of agents that know modes only. */
  toldMode(mode: string): void {
    this.told(this.#options.map((option) => (option.legacyMode ? { ...option, value: mode } : option)));
  }

  async #set(option: ConfigOption, value: string | boolean, client: string | undefined): Promise<void> {
    const told = await this.#parts.set(option, value);
    this.told(told ?? this.#options.map((one) => (one.id === option.id ? { ...one, value } : one)), client);
  }

  #keep(changed: readonly ConfigOption[], why: { client?: string | undefined; begins?: boolean }): void {
    const data = { options: configJson(this.#options), changed: changed.map(({ id }) => id), ...why };
    this.#parts.append([{ channel: 'system', type: 'config', data: present(data) }]);
    const config = Object.fromEntries(this.#options.map(({ id, value }) => [id, value]));
    this.#parts.remember(present({ config, mode: this.value('mode'), model: this.value('model') }));
    this.#parts.changed();
  }
}

const reasonOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
