// Events that are no part of what was said, in words: how a turn ended, what failed, what was
// set. What needs no word has none.

import type { JsonObject } from '../json.ts';
import { type ConfigOption, optionsIn } from './config.ts';
import { lineIn, textIn } from './read.ts';

export type Tone = 'quiet' | 'warn' | 'bad';

export interface Note {
  tone: Tone;
  text: string;
  /** Of an error. */
  code?: string;
}

const STOPS = new Map<string, Note>(Object.entries({
  cancelled: { tone: 'quiet', text: 'Cancelled' },
  interrupted: { tone: 'warn', text: 'Interrupted: the agent ended before it was done. Resume, and tell it to go on.' },
  max_tokens: { tone: 'warn', text: 'Stopped: the answer reached the model’s length limit. Tell it to go on.' },
  max_turn_requests: { tone: 'warn', text: 'Stopped: the turn reached the agent’s limit of steps. Tell it to go on.' },
  refusal: { tone: 'warn', text: 'The model refused to go on.' },
}));

/** @param before what was set before this event */
export function noteOf(type: string, data: JsonObject, before: readonly ConfigOption[]): Note | undefined {
  switch (type) {
    case 'stop':
      return STOPS.get(textIn(data.reason) ?? '');
    case 'error':
      return { tone: 'bad', text: textIn(data.message) ?? 'Something failed.', code: textIn(data.code) ?? '' };
    case 'agent':
      return began(data);
    case 'config':
      return before.length === 0 || data.begins === true ? undefined : configured(data, before);
    case 'notice':
      return noticed(data);
    case 'compaction':
      return data.status === 'completed' ? { tone: 'quiet', text: 'What was said earlier was summarised, to make room.' } : undefined;
    case 'file':
      return { tone: 'quiet', text: `Wrote ${lineIn(data.path) ?? 'a file'}` };
    case 'gap':
      return { tone: 'warn', text: 'Something is missing here: it could not be stored.' };
    case 'status':
      return stood(data);
    default:
      return undefined;
  }
}

function began(data: JsonObject): Note | undefined {
  const lost = textIn(data.lost);
  if (lost !== undefined) {
    return { tone: 'warn', text: `The agent could not take this conversation up again (${lost}). It does not remember what stands above.` };
  }
  if (data.how === 'forked') return { tone: 'quiet', text: 'A copy of the conversation begins here; the agent remembers all of it.' };
  return data.how === 'new' ? undefined : { tone: 'quiet', text: 'Resumed' };
}

function configured(data: JsonObject, before: readonly ConfigOption[]): Note | undefined {
  const words = optionsIn(data.options)
    .filter(({ id, value }) => before.some((one) => one.id === id && one.value !== value))
    .map(({ name, value, choices }) => `${name}: ${typeof value === 'boolean' ? (value ? 'on' : 'off') : (choices.find((one) => one.value === value)?.name ?? value)}`);
  return words.length === 0 ? undefined : { tone: 'quiet', text: words.join(' · ') };
}

function noticed(data: JsonObject): Note {
  const tone = data.severity === 'error' ? 'bad' : data.severity === 'warning' ? 'warn' : 'quiet';
  const text = [textIn(data.title), textIn(data.description)].filter((part) => part !== undefined && part !== '').join(' · ');
  return { tone, text: text === '' ? 'The agent has a notice without words.' : text };
}

function stood(data: JsonObject): Note | undefined {
  if (data.status === 'active' && data.reason !== undefined) return { tone: 'quiet', text: 'The server was restarted; nothing was interrupted' };
  if (data.status === 'error') return { tone: 'quiet', text: 'Ended' };
  if (data.status !== 'stopped') return undefined;
  const reason = textIn(data.reason);
  return { tone: 'quiet', text: reason === undefined ? 'Stopped' : `Stopped: ${reason}` };
}
