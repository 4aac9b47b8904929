// The text of an editor's session for the search: names of files as they are opened, and the
// lines that were edited, whole, as they are when they are saved.

import { ChangeSet, type Text } from '@codemirror/state';
import { isJsonObject, type JsonObject } from '../json.ts';
import type { Line, TextReader } from '../search/text-reader.ts';
import type { LogEvent } from '../sessions/event.ts';
import { pathOfEvent } from './document.ts';
import { loggedUpdates } from './updates.ts';

/** A document's text at a version; undefined where its history does not go back so far. */
export type TextAtVersion = (path: string, version: number) => Text | undefined;

/** A document that is being edited. */
interface Edited {
  version: number;
  text: Text;
  /** All edits since its lines were last taken. */
  changes: ChangeSet;
  last: Omit<Line, 'text'>;
}

export class DocumentText implements TextReader {
  readonly #textAt: TextAtVersion;
  readonly #edited = new Map<string, Edited>();
  #lines: Line[] = [];
  /** Of documents that were being edited when the state was asked for. */
  #before: Map<string, Line[]>;

  constructor({ documents }: JsonObject, textAt: TextAtVersion) {
    this.#textAt = textAt;
    this.#before = new Map(isJsonObject(documents) ? Object.entries(documents as unknown as Record<string, Line[]>) : []);
  }

  take(event: LogEvent): void {
    const path = pathOfEvent(event);
    if (path === undefined || event.data instanceof Uint8Array) return this.#failed(event);
    switch (event.type) {
      case 'open':
        this.#lines.push({ ...momentOf(event), text: path });
        return;
      case 'change':
        return this.#changed(event, path, event.data);
      case 'save':
        this.#lines.push({ ...momentOf(event), text: path });
        return this.#taken(path);
    }
  }

  settled(): Line[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  open(): Line[] {
    return [...this.#unsaved().values()].flat();
  }

  state(): JsonObject {
    return { documents: JSON.parse(JSON.stringify(Object.fromEntries(this.#unsaved()))) as JsonObject };
  }

  dispose(): void {
    this.#edited.clear();
  }

  #failed(event: LogEvent): void {
    const { type, data } = event;
    if (type === 'error' && !(data instanceof Uint8Array) && typeof data.message === 'string') this.#lines.push({ ...momentOf(event), text: data.message });
  }

  #changed(event: LogEvent, path: string, data: JsonObject): void {
    const updates = loggedUpdates(data);
    const before = Number(data.version) - updates.length;
    const known = this.#edited.get(path);
    const text = known?.version === before ? known.text : this.#textAt(path, before);
    if (text === undefined || updates.length === 0) return;
    if (known !== undefined && known.version !== before) this.#taken(path);
    let edited = this.#edited.get(path) ?? { version: before, text, changes: ChangeSet.empty(text.length), last: momentOf(event) };
    for (const { changes } of updates) {
      edited = { version: edited.version + 1, text: changes.apply(edited.text), changes: edited.changes.compose(changes), last: momentOf(event) };
    }
    this.#edited.set(path, edited);
    // It follows the file: what others wrote there was not edited here.
    if (typeof data.hash === 'string') this.#taken(path);
  }

  #taken(path: string): void {
    this.#lines.push(...(this.#unsaved().get(path) ?? []));
    this.#edited.delete(path);
    this.#before.delete(path);
  }

  #unsaved(): Map<string, Line[]> {
    const unsaved = new Map(this.#before);
    for (const [path, edited] of this.#edited) unsaved.set(path, [...(unsaved.get(path) ?? []), ...editedLines(edited)]);
    return unsaved;
  }
}

function momentOf({ sequence, timestamp, channel, type }: LogEvent): Omit<Line, 'text'> {
  return { sequence, timestamp, channel, type };
}

/** Each line that an edit touched, once, as it is now. */
function editedLines({ text, changes, last }: Edited): Line[] {
  const lines: Line[] = [];
  let done = 0;
  changes.iterChangedRanges((_from, _to, from, to) => {
    const until = text.lineAt(to).number;
    for (let number = Math.max(done + 1, text.lineAt(from).number); number <= until; number += 1) {
      const line = text.line(number).text;
      if (line.trim() !== '') lines.push({ ...last, text: line });
    }
    done = Math.max(done, until);
  });
  return lines;
}
