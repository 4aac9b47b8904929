// What people say to an agent: text, pictures that were uploaded before, files of the
// workspace. While the agent works, prompts wait in a queue, where they can be changed and
// taken back until they go; the queue is in the log like all else.

import { AppError, invalid } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import { objectsIn, textIn } from './read.ts';

export interface PromptImage {
  /** Id of an attachment of the session. */
  attachment: string;
  mimeType: string;
}

export interface PromptResource {
  /** Relative to the workspace. */
  path: string;
}

export interface Prompt {
  id: string;
  text: string;
  images: PromptImage[];
  resources: PromptResource[];
  /** Device id, or `api`. */
  client: string;
}

export class PromptQueue {
  readonly #append: (events: NewEvent[]) => void;
  #waiting: Prompt[] = [];

  constructor(append: (events: NewEvent[]) => void) {
    this.#append = append;
  }

  list(): readonly Prompt[] {
    return this.#waiting;
  }

  recall(type: string, data: JsonObject): void {
    const prompt = promptOf(data);
    if (prompt === undefined) return;
    const at = this.#waiting.findIndex(({ id }) => id === prompt.id);
    if (type === 'queued') this.#waiting = at === -1 ? [...this.#waiting, prompt] : this.#waiting.with(at, prompt);
    else if ((type === 'unqueued' || type === 'prompt') && at !== -1) this.#waiting = this.#waiting.toSpliced(at, 1);
  }

  /** @throws AppError conflict when too many wait */
  add(prompt: Prompt): void {
    if (this.#waiting.length >= limits.promptQueueMax) {
      throw new AppError('conflict', `${limits.promptQueueMax} prompts wait already: let some go, or take some back.`, {
        conflict: { limit: 'promptQueueMax' },
      });
    }
    this.#tell('queued', prompt);
  }

  /** @throws AppError conflict when it has gone already */
  edit(id: string, text: string, client: string): Prompt {
    const edited = { ...this.#get(id), text: checkedPromptText(text), client };
    this.#tell('queued', edited);
    return edited;
  }

  /** @throws AppError conflict when it has gone already */
  remove(id: string, client: string): Prompt {
    const prompt = this.#get(id);
    this.#append([{ channel: 'system', type: 'unqueued', data: { prompt: id, client } }]);
    this.#waiting = this.#waiting.filter((one) => one !== prompt);
    return prompt;
  }

  /** The next to go, or this one; the caller logs that it goes. */
  take(id?: string): Prompt | undefined {
    const prompt = id === undefined ? this.#waiting[0] : this.#get(id);
    this.#waiting = this.#waiting.filter((one) => one !== prompt);
    return prompt;
  }

  #get(id: string): Prompt {
    const prompt = this.#waiting.find((one) => one.id === id);
    if (prompt === undefined) throw new AppError('conflict', 'This prompt has gone to the agent already.');
    return prompt;
  }

  #tell(type: 'queued', prompt: Prompt): void {
    this.#append([{ channel: 'stdin', type, data: promptJson(prompt) }]);
    this.recall(type, promptJson(prompt));
  }
}

/** @throws AppError invalid */
export function checkedPromptText(text: string): string {
  if (!text.isWellFormed()) throw invalid('text', 'Must be Unicode text.');
  if (text.length > limits.promptLengthMax) {
    throw invalid('text', `A prompt has at most ${limits.promptLengthMax} characters: put long text into a file and name it.`);
  }
  return text;
}

/** As the log keeps it. */
export const promptJson = ({ id, text, images, resources, client }: Prompt): JsonObject => ({
  prompt: id,
  text,
  ...(images.length === 0 ? {} : { images: images.map((image) => ({ ...image })) }),
  ...(resources.length === 0 ? {} : { resources: resources.map((resource) => ({ ...resource })) }),
  client,
});

/** The prompt that an event tells of. */
export function promptOf(data: JsonObject): Prompt | undefined {
  const id = textIn(data.prompt);
  if (id === undefined) return undefined;
  return {
    id,
    text: textIn(data.text) ?? '',
    images: objectsIn(data.images).flatMap(({ attachment, mimeType }) =>
      typeof attachment === 'string' && typeof mimeType === 'string' ? [{ attachment, mimeType }] : [],
    ),
    resources: objectsIn(data.resources).flatMap(({ path }) => (typeof path === 'string' ? [{ path }] : [])),
    client: textIn(data.client) ?? 'api',
  };
}
