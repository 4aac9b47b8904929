// What can be chosen about a conversation: its mode, its model and whatever else the agent
// offers. Agents that only know modes are shown the same way, as one choice.

import { invalid } from '../errors.ts';
import type { JsonObject, JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { lineIn, objectIn, objectsIn, present, textIn } from './read.ts';

export interface ConfigChoice {
  value: string;
  name: string;
  description: string;
  group: string;
}

export interface ConfigOption {
  id: string;
  name: string;
  description: string;
  /** mode, model, thought_level and what else there will be. */
  category: string;
  type: 'select' | 'boolean';
  value: string | boolean;
  choices: ConfigChoice[];
  /** Set by `session/set_mode`, for the agent has no other way. */
  legacyMode: boolean;
}

/** Of the answer to new, load or resume: options, and modes where no option is one. */
export function readConfig(result: JsonObject): ConfigOption[] {
  const options = optionsIn(result.configOptions);
  const modes = objectIn(result.modes);
  if (modes === undefined || options.some(({ category, id }) => category === 'mode' || id === 'mode')) return options;
  const choices = objectsIn(modes.availableModes).flatMap((mode) => choice(mode.id, mode, ''));
  if (choices.length === 0) return options;
  const value = textIn(modes.currentModeId) ?? '';
  return [{ id: 'mode', name: 'Mode', description: '', category: 'mode', type: 'select', value, choices, legacyMode: true }, ...options];
}

export function optionsIn(value: JsonValue | undefined): ConfigOption[] {
  return objectsIn(value)
    .slice(0, limits.agentOptionsMax)
    .flatMap((option): ConfigOption[] => {
      const id = lineIn(option.id);
      if (id === undefined || id === '') return [];
      const common = {
        id,
        name: lineIn(option.name) ?? id,
        description: lineIn(option.description) ?? '',
        category: lineIn(option.category, 40) ?? '',
        legacyMode: option.legacyMode === true,
      };
      const current = option.currentValue ?? option.value;
      if (typeof current === 'boolean') return [{ ...common, type: 'boolean', value: current, choices: [] }];
      const choices = choicesIn(option.options ?? option.choices ?? null);
      return choices.length === 0 ? [] : [{ ...common, type: 'select', value: textIn(current) ?? '', choices }];
    });
}

/** As the log keeps them. */
export const configJson = (options: readonly ConfigOption[]): JsonObject[] =>
  options.map(({ choices, ...rest }) => ({ ...rest, choices: choices.map((one) => ({ ...one })) }));

export const optionNamed = (options: readonly ConfigOption[], name: string): ConfigOption | undefined =>
  options.find(({ id }) => id === name) ?? options.find(({ category }) => category === name);

/** @throws AppError invalid where the option is not there or does not take the value */
export function checkedChoice(options: readonly ConfigOption[], name: string, value: JsonValue): { option: ConfigOption; value: string | boolean } {
  const option = optionNamed(options, name);
  if (option === undefined) throw invalid(name, `There is no such option: there are ${options.map(({ id }) => id).join(', ') || 'none'}.`);
  if (option.type === 'boolean') {
    if (typeof value !== 'boolean') throw invalid(name, 'Must be true or false.');
    return { option, value };
  }
  if (typeof value !== 'string' || !option.choices.some((one) => one.value === value)) {
    throw invalid(name, `Must be one of ${option.choices.map((one) => one.value).join(', ')}.`);
  }
  return { option, value };
}

function choicesIn(value: JsonValue): ConfigChoice[] {
  return objectsIn(value)
    .slice(0, limits.agentListMax)
    .flatMap((item) => {
      const group = lineIn(item.name) ?? lineIn(item.group) ?? '';
      if (Array.isArray(item.options)) return objectsIn(item.options).flatMap((one) => choice(one.value, one, group));
      return choice(item.value, item, textIn(item.group) ?? '');
    });
}

function choice(value: JsonValue | undefined, item: JsonObject, group: string): ConfigChoice[] {
  if (typeof value !== 'string' || value.length > limits.agentTitleLengthMax) return [];
  const { name, description } = present({ name: lineIn(item.name), description: lineIn(item.description) });
  return [{ value, name: textIn(name) ?? value, description: textIn(description) ?? '', group }];
}
