// One open document: takes edits in order, follows its file, saves over just what it knows. What
// it acknowledges is in the log; what it overwrites was seen.

import type { Text } from '@codemirror/state';
import { AppError, type ErrorCode } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import type { SessionLog } from '../sessions/log.ts';
import { type Caret, Carets } from './carets.ts';
import type { CheckpointStore } from './checkpoints.ts';
import { difference } from './difference.ts';
import { besides, type DocumentFiles, type OnDisk, type Watch } from './disk.ts';
import { type DiskConflict, type DocumentState, type DocumentView, factsOf, isDirty, step, viewOf } from './document.ts';
import { fileBytes, formatData, textOf, writtenOf } from './format.ts';
import type { LoadedDocument, Past } from './past.ts';
import { Tail } from './tail.ts';
import { checkedUpdates, SERVER_CLIENT, type Update, type UpdateData, updateData } from './updates.ts';

export interface Missed {
  path: string;
  /** Of the document; after `updates` where `more` is false. */
  version: number;
  updates: UpdateData[];
  more: boolean;
  document: DocumentView;
  carets: Caret[];
}

export interface Push {
  version: number;
  updates: readonly { clientID: string; changes: unknown }[];
}

export type SaveCause = 'asked' | 'autosave' | 'mine' | 'merge';

export interface OpenDocumentParts {
  runId: string;
  log: SessionLog;
  files: DocumentFiles;
  store: CheckpointStore;
  past: Past;
  autosave: () => boolean;
  /** Documents of the session without an event since their last checkpoint. */
  settled: () => string[];
  /** Text, state or carets are others now. */
  changed: () => void;
  report: (line: string) => void;
}

export class OpenDocument {
  readonly carets = new Carets();
  readonly #parts: OpenDocumentParts;
  readonly #tail: Tail;
  readonly #watch: Watch;
  #state: DocumentState;
  /** Of an edit that was not kept as text yet: what a first look may find on the disk. */
  #loaded: LoadedDocument | undefined;
  #events: number;
  #bytes = 0;
  #working: Promise<unknown> = Promise.resolve();
  #saving = false;
  #dirtySince: number | undefined;
  #autosave: ReturnType<typeof setTimeout> | undefined;
  #idle: ReturnType<typeof setTimeout> | undefined;
  #usedAt = Date.now();
  #disposed = false;

  constructor(parts: OpenDocumentParts, loaded: LoadedDocument) {
    this.#parts = parts;
    this.#loaded = loaded;
    this.#state = loaded.state;
    this.#events = loaded.events;
    this.#tail = new Tail(loaded.state.version - loaded.updates.length, loaded.updates);
    this.#watch = parts.files.watch(loaded.state.path, () => void this.follow());
    if (this.dirty) this.#edited();
    if (this.#events > 0) this.#rested();
  }

  get state(): DocumentState {
    return this.#state;
  }

  get dirty(): boolean {
    return isDirty(this.#state);
  }

  /** No event since its last checkpoint. */
  get settled(): boolean {
    return this.#events === 0;
  }

  /** Nobody looks, nothing is unsaved, and so it was for a while. */
  get resting(): boolean {
    return this.carets.all().length === 0 && !this.#saving && Date.now() - this.#usedAt > limits.documentRestMs && !this.dirty;
  }

  view(): DocumentView {
    return viewOf(this.#state);
  }

  use(): void {
    this.#usedAt = Date.now();
  }

  /** Edits after a version, with all that a page needs to be true again. @throws AppError conflict, gone */
  missed(version: number): Missed {
    this.#mustBeLogged();
    this.use();
    const { path, version: now } = this.#state;
    if (version > now) {
      throw new AppError('conflict', 'This server does not have that version: open the document again.', { conflict: { document: this.view() } });
    }
    const updates = this.#tail.since(version) ?? this.#parts.past.updatesSince(this.#parts.runId, path, version);
    if (updates === undefined) throw new AppError('gone', 'These edits are no longer kept: open the document again.');
    const given = updates.slice(0, limits.changesPerPullMax);
    return { path, version: now, updates: given.map(updateData), more: version + given.length < now, document: this.view(), carets: this.carets.all() };
  }

  /**
   * Takes edits that are for just this version; a push that is repeated, or late, gets what it missed
   * (its own edits among it). @throws AppError conflict with `changes`, invalid, too_large, full
   */
  push({ version, updates }: Push, client: string): Missed {
    if (version !== this.#state.version) {
      throw new AppError('conflict', 'There are newer edits: take them first.', { conflict: { changes: this.missed(version) } });
    }
    const checked = checkedUpdates(this.#state.text, updates);
    this.#mustFit(checked.text);
    this.#change(checked.updates, { client }, 'stdin');
    return this.missed(this.#state.version);
  }

  /** @throws AppError conflict with `document` where the file is another than the one known; full, forbidden */
  save(client: string, cause: SaveCause, expected?: string | null): Promise<DocumentView> {
    const saved = this.#working.then(() => this.#save(client, cause, expected));
    this.#working = saved.catch(() => undefined);
    return saved;
  }

  /** The file wins. @param hash of the file that the caller saw */
  async takeTheirs(client: string, hash: string | null): Promise<DocumentView> {
    await this.#working;
    const found = this.#parts.files.look(this.#state.path);
    this.#mustBe(found, hash);
    if (found.is !== 'text') throw new AppError('conflict', 'There is no text to take: the file is not there, or no text.', this.#standing());
    this.#take(found, { client, cause: 'theirs' }, 'stdin');
    return this.view();
  }

  /** A text that somebody made of both is written over the file that they saw. */
  merge(client: string, hash: string | null, version: number, merged: string): Promise<DocumentView> {
    const { text } = this.#state;
    if (version !== this.#state.version) throw new AppError('conflict', 'The document was edited meanwhile: merge again.', this.#standing());
    this.#mustBe(this.#parts.files.look(this.#state.path), hash);
    const to = textOf(merged);
    this.#mustFit(to);
    const changes = difference(text, to);
    this.#change([{ clientID: SERVER_CLIENT, changes }], { client, cause: 'merge' }, 'stdin');
    return this.save(client, 'merge', hash);
  }

  /** Looks at the file, and follows it where nothing is unsaved. @param whatever even then: nobody had it open */
  async follow(whatever = false): Promise<void> {
    await this.#working;
    if (this.#disposed || this.#parts.log.unavailable) return;
    try {
      await this.#meet(this.#parts.files.look(this.#state.path), whatever);
    } catch (error) {
      // On a full disk the next look does it.
      if (!(error instanceof AppError)) this.#parts.report(`a document: ${String(error)}`);
    }
  }

  /** The file as it is now. */
  theirs(): { hash: string | null; text: string | null; detail: string | null } {
    const found = this.#parts.files.look(this.#state.path);
    if (found.is === 'text') return { hash: found.hash, text: writtenOf(found.text), detail: null };
    return { hash: null, text: null, detail: found.is === 'gone' ? 'There is no such file.' : found.detail };
  }

  opened(client: string): void {
    const { path, version, base, format } = this.#state;
    const data = { client, path, version, hash: base, format: formatData(format) };
    this.#record({ channel: 'stdin', type: 'open', data });
  }

  /** @returns whether its text is kept: it may leave the memory */
  kept(): boolean {
    if (!this.settled) this.#checkpoint();
    return this.settled;
  }

  /** Keeps the text, so that what comes before it need not be read. */
  #checkpoint(): void {
    const { log, store, runId, settled, report } = this.#parts;
    if (log.unavailable || this.#disposed) return;
    const { path, version, text } = this.#state;
    try {
      store.save(runId, { path, version, through: log.head, text: writtenOf(text), facts: factsOf(this.#state) }, settled());
      this.#events = 0;
      this.#bytes = 0;
    } catch (error) {
      report(`a document's checkpoint: ${String(error)}`);
    }
  }

  dispose(): void {
    this.kept();
    this.#disposed = true;
    clearTimeout(this.#autosave);
    clearTimeout(this.#idle);
    this.#watch.dispose();
  }

  async #save(client: string, cause: SaveCause, expected: string | null | undefined): Promise<DocumentView> {
    if (this.#disposed) throw new AppError('conflict', 'The document was closed.');
    this.#mustBeLogged();
    const { files } = this.#parts;
    if (expected === undefined) await this.#meet(files.look(this.#state.path), false);
    const { path, version, text, format, base, conflict } = this.#state;
    if (expected === undefined && conflict !== null) throw new AppError('conflict', wordsOf(conflict), this.#standing());
    if (expected === undefined && !this.dirty) return this.view();
    if (!writtenOf(text).isWellFormed()) throw new AppError('conflict', 'There is half of a character in this text: nothing was saved.');
    this.#saving = true;
    let written: { hash: string; bytes: number };
    try {
      written = await files.save(path, text, format, expected === undefined ? base : expected);
    } catch (error) {
      if (!(error instanceof AppError) || error.code !== 'precondition') throw error;
      await this.#meet(files.look(path), false);
      throw new AppError('conflict', error.message, this.#standing());
    } finally {
      this.#saving = false;
    }
    this.#record({ channel: 'stdin', type: 'save', data: { client, path, version, ...written, cause } });
    this.#state = { ...this.#state, saved: text };
    this.#edited();
    this.#parts.changed();
    return this.view();
  }

  /** What lies on the disk and what is here, made to agree, or said not to. */
  async #meet(found: OnDisk, whatever: boolean): Promise<void> {
    const { conflict, base, text } = this.#state;
    if (found.is !== 'text') {
      const detail = found.is === 'gone' ? await this.#renamed() : found.detail;
      return this.#tellConflict({ reason: found.is, hash: null, detail });
    }
    if (found.hash === base) {
      this.#state = { ...this.#state, saved: this.#state.saved ?? found.text };
      if (conflict !== null) this.#record({ channel: 'system', type: 'conflict', data: { path: this.#state.path, reason: 'over' } });
      return;
    }
    if (whatever || !this.dirty || found.text.eq(text)) return this.#take(found, { cause: 'disk' }, 'system');
    if (this.#wasSaved(found)) return;
    this.#tellConflict({ reason: 'changed', hash: found.hash, detail: null });
  }

  /** A save that a crash left without its event: the file has a text that was ours. */
  #wasSaved(found: OnDisk & { is: 'text' }): boolean {
    if (this.#loaded === undefined) return false;
    const { start, updates } = this.#loaded;
    this.#loaded = undefined;
    let { text, version } = start;
    for (const { changes } of updates) {
      text = changes.apply(text);
      version += 1;
      if (!text.eq(found.text)) continue;
      const { path } = this.#state;
      this.#record({ channel: 'system', type: 'save', data: { path, version, hash: found.hash, bytes: found.bytes, cause: 'found' } });
      this.#state = { ...this.#state, saved: text };
      return true;
    }
    return false;
  }

  #take(found: OnDisk & { is: 'text' }, why: JsonObject, channel: 'stdin' | 'system'): void {
    const changes = difference(this.#state.text, found.text);
    const updates = changes.empty ? [] : [{ clientID: SERVER_CLIENT, changes }];
    this.#change(updates, { ...why, hash: found.hash, format: formatData(found.format) }, channel);
  }

  #change(updates: Update[], more: JsonObject, channel: 'stdin' | 'system'): void {
    const { path, version } = this.#state;
    const data = { path, version: version + updates.length, ...more, updates: updates.map(updateData) };
    this.#tail.add(updates);
    this.#record({ channel, type: 'change', data });
    this.#edited();
  }

  #tellConflict(conflict: DiskConflict): void {
    const { conflict: known, path, version } = this.#state;
    if (known?.reason === conflict.reason && known.hash === conflict.hash) return;
    this.#record({ channel: 'system', type: 'conflict', data: { path, version, ...conflict } });
  }

  /** Into the log, then here. @throws AppError full: it is here, but not acknowledged */
  #record(event: NewEvent): void {
    this.#mustBeLogged();
    this.use();
    let stored = false;
    this.#parts.log.append([event], { stored: () => (stored = true) });
    const { data } = event;
    this.#state = step(this.#state, { type: event.type, data });
    this.#events += 1;
    this.#bytes += data instanceof Uint8Array ? 0 : JSON.stringify(data).length;
    if (this.#events >= limits.checkpointChanges || this.#bytes >= limits.checkpointBytes) this.#checkpoint();
    else this.#rested();
    this.#parts.changed();
    if (!stored) this.#mustBeLogged();
  }

  /** What grew past the bound on disk may shrink, step by step. */
  #mustFit(text: Text): void {
    const { format, text: now } = this.#state;
    if (text.length <= now.length || fileBytes(text, format, limits.documentBytesMax) <= limits.documentBytesMax) return;
    throw new AppError('too_large', `A document may have ${limits.documentBytesMax / 1024 / 1024} MiB.`);
  }

  #mustBeLogged(): void {
    if (this.#parts.log.unavailable) throw new AppError('full', 'The disk is full: edits cannot be kept now. They stay on your device until they can.');
  }

  #mustBe(found: OnDisk, hash: string | null): void {
    if ((found.is === 'text' ? found.hash : null) === hash) return;
    void this.follow();
    throw new AppError('conflict', 'The file was changed again meanwhile: look at it anew.', this.#standing());
  }

  #standing(): { conflict: { document: DocumentView } } {
    return { conflict: { document: this.view() } };
  }

  async #renamed(): Promise<string | null> {
    const name = await this.#watch.renamedTo();
    return name === undefined ? null : besides(this.#state.path, name);
  }

  #rested(): void {
    clearTimeout(this.#idle);
    this.#idle = setTimeout(() => this.kept(), limits.checkpointIdleMs);
  }

  /** After the last edit, and not for ever after the first. */
  #edited(): void {
    clearTimeout(this.#autosave);
    if (!this.dirty || this.#state.conflict !== null) {
      this.#dirtySince = undefined;
      return;
    }
    this.#dirtySince ??= Date.now();
    const latest = this.#dirtySince + limits.autosaveLatestMs - Date.now();
    this.#autosave = setTimeout(() => {
      if (this.#disposed || !this.#parts.autosave()) return;
      this.save('autosave', 'autosave').catch((error: unknown) => {
        if (!(error instanceof AppError)) this.#parts.report(`autosave: ${String(error)}`);
      });
    }, Math.max(0, Math.min(limits.autosaveMs, latest)));
  }
}

function wordsOf({ reason, detail }: DiskConflict): string {
  if (reason === 'gone') return `The file is not there any more${detail === null ? '' : `: it is ${detail} now`}. Nothing was saved.`;
  return reason === 'unreadable' ? `The file cannot be replaced: ${detail ?? ''} Nothing was saved.` : 'The file was changed by another program: nothing was overwritten.';
}

/** Why a file cannot be a document. @throws AppError */
export function textOnDisk(found: OnDisk): OnDisk & { is: 'text' } {
  if (found.is === 'text') return found;
  const [code, message]: [ErrorCode, string] = found.is === 'gone' ? ['not_found', 'There is no such file.'] : [found.code, found.detail];
  throw new AppError(code, message);
}
