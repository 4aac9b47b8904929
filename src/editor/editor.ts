// A file session while it lives: its open documents, and who looks at them. It runs no program:
// what it holds in memory is in the log too, so a killed server loses none of it.

import { AppError } from '../errors.ts';
import { normalPath } from '../files/path-text.ts';
import { limits } from '../limits.ts';
import type { Exit, Host, Program } from '../sessions/kind.ts';
import type { ActivityState, ClientInfo } from '../sessions/session.ts';
import type { Caret } from './carets.ts';
import type { CheckpointStore } from './checkpoints.ts';
import type { DocumentFiles } from './disk.ts';
import { type DocumentView, stateOf } from './document.ts';
import { writtenOf } from './format.ts';
import { type Missed, OpenDocument, type Push, textOnDisk } from './opened.ts';
import type { LoadedDocument, Past } from './past.ts';

export interface EditorParts {
  host: Host;
  files: DocumentFiles;
  store: CheckpointStore;
  past: Past;
  autosave: () => boolean;
  /** Documents of the session are others than they were. */
  announce: () => void;
  report: (line: string) => void;
}

/** A document with its text, as a page begins with it. */
export interface Opened {
  document: DocumentView;
  /** Lines end with \n alone. */
  text: string;
  carets: Caret[];
}

export type Resolution =
  | { take: 'mine' | 'theirs'; hash: string | null }
  | { take: 'merge'; hash: string | null; version: number; text: string };

export class Editor implements Program {
  readonly exited: Promise<Exit>;
  readonly #parts: EditorParts;
  readonly #documents = new Map<string, OpenDocument>();
  readonly #end: (exit: Exit) => void;
  readonly #resting: ReturnType<typeof setInterval>;
  #since = Date.now();
  #told = '';
  #left = false;
  /** What the last server left is in memory, or was found to be kept. */
  #allLoaded = false;

  constructor(parts: EditorParts) {
    this.#parts = parts;
    const { promise, resolve } = Promise.withResolvers<Exit>();
    this.exited = promise;
    this.#end = resolve;
    this.#resting = setInterval(() => this.#restAll(), limits.documentRestMs);
    this.#loadUnsaved().catch((error: unknown) => parts.report(`documents: ${String(error)}`));
  }

  /**
   * Opens a file, or gives the document that it is already.
   * @throws AppError not_found, media_type (no UTF-8), too_large, forbidden, conflict (too many), full
   */
  async open(path: string, client: string): Promise<Opened> {
    const real = this.#pathOf(path);
    const known = this.find(real);
    const document = known ?? (await this.#openAgain(real, client)) ?? this.#openNew(real, client);
    await known?.follow();
    if (known?.carets.all().every((caret) => caret.client !== client) === true) known.opened(client);
    this.#parts.host.touch('person');
    return { document: document.view(), text: writtenOf(document.state.text), carets: document.carets.all() };
  }

  /** Those on the list of open documents, by path. */
  documents(): DocumentView[] {
    const { store, host } = this.#parts;
    const open = store.documents(host.runId).filter(({ closed }) => !closed);
    return open.flatMap(({ path }) => this.find(path)?.view() ?? []);
  }

  /** @throws AppError not_found where it is not open here */
  document(path: string): OpenDocument {
    const found = this.find(normalPath(path));
    if (found === undefined) throw new AppError('not_found', 'This session has no such document: open it first.');
    return found;
  }

  push(path: string, push: Push, client: string): Missed {
    const document = this.document(path);
    this.#parts.host.touch('person');
    return document.push(push, client);
  }

  save(path: string, client: string): Promise<DocumentView> {
    this.#parts.host.touch('person');
    return this.document(path).save(client, 'asked');
  }

  /** Ends a conflict with the file. `hash` is the file that the caller saw; null: there was none. */
  async resolve(path: string, client: string, resolution: Resolution): Promise<DocumentView> {
    const document = this.document(path);
    this.#parts.host.touch('person');
    switch (resolution.take) {
      case 'mine':
        return document.save(client, 'mine', resolution.hash);
      case 'theirs':
        return document.takeTheirs(client, resolution.hash);
      case 'merge':
        return document.merge(client, resolution.hash, resolution.version, resolution.text);
    }
  }

  /** Takes it off the list. @throws AppError conflict where something is unsaved, and not to be given up */
  close(path: string, discard: boolean): void {
    const document = this.document(path);
    if (document.dirty && !discard) {
      throw new AppError('conflict', 'There are unsaved edits: save them, or say that they may go.', { conflict: { document: document.view() } });
    }
    if (!document.kept()) throw new AppError('full', 'The disk is full: the document stays open.');
    this.#forget(document);
    this.#parts.store.setClosed(this.#parts.host.runId, document.state.path, true);
    this.#changed();
  }

  /** Where a page stands; null where it leaves. */
  caret(path: string, clientID: string, caret: Omit<Caret, 'clientID'> | null): void {
    const document = this.document(path);
    document.use();
    const differs = caret === null ? document.carets.leave(clientID) : document.carets.tell({ clientID, ...caret });
    if (differs) this.#changed();
  }

  input(): void {
    throw new AppError('conflict', 'A file session takes edits, not input.');
  }

  async stop(): Promise<void> {
    if (this.#left) return;
    this.#letGo();
    this.#end({ exitCode: 0, exitSignal: null, reason: null });
  }

  activity(): { state: ActivityState; since: number; detail: string | null } {
    const open = [...this.#documents.values()];
    const conflicts = open.filter(({ state }) => state.conflict !== null && state.conflict.reason !== 'gone').length;
    const dirty = open.filter((document) => document.dirty).length;
    const detail = conflicts > 0 ? `${counted(conflicts)} changed on disk` : dirty > 0 ? `${counted(dirty)} not saved` : null;
    return { state: 'idle', since: this.#since, detail };
  }

  clients(): ClientInfo[] {
    const carets = [...this.#documents.values()].flatMap(({ carets }) => carets.all());
    const devices = new Map(carets.map(({ client, name }) => [client, name]));
    return [...devices].map(([client, name]) => ({ client, name, mode: 'rw', leads: false }));
  }

  release(): void {
    // Pages hear of it by the news.
  }

  /** It has nothing but memory: the next server goes on. */
  readonly leave = (): void => this.#letGo();

  #letGo(): void {
    this.#left = true;
    clearInterval(this.#resting);
    for (const document of this.#documents.values()) document.dispose();
    const { store, host, report } = this.#parts;
    try {
      if (!host.log.unavailable) store.settle(host.runId, this.#settled(), host.log.head);
    } catch (error) {
      report(`documents: ${String(error)}`);
    }
    this.#documents.clear();
  }

  /** What it is called on disk; of a file that is gone, what it was called. */
  #pathOf(path: string): string {
    try {
      return this.#parts.files.pathOf(path);
    } catch (error) {
      const known = normalPath(path);
      if (error instanceof AppError && this.find(known) !== undefined) return known;
      throw error;
    }
  }

  /** Of those on the list; by its one path. */
  find(path: string): OpenDocument | undefined {
    const open = this.#documents.get(path);
    if (open !== undefined) return open;
    if (this.#left) throw new AppError('conflict', 'The session has ended: resume it first.');
    const { past, host } = this.#parts;
    const loaded = past.load(host.runId, path);
    if (loaded === undefined || loaded.closed) return undefined;
    const document = this.#keep(loaded);
    void document.follow();
    return document;
  }

  /** One that was closed goes on at its version, with what its file has now. */
  async #openAgain(path: string, client: string): Promise<OpenDocument | undefined> {
    const { past, host, files, store } = this.#parts;
    const loaded = past.load(host.runId, path);
    if (loaded === undefined) return undefined;
    textOnDisk(files.look(path));
    store.setClosed(host.runId, path, false);
    const document = this.#keep(loaded);
    await document.follow(true);
    document.opened(client);
    return document;
  }

  #openNew(path: string, client: string): OpenDocument {
    const { files, host, store } = this.#parts;
    const found = textOnDisk(files.look(path));
    if (store.documents(host.runId).filter(({ closed }) => !closed).length >= limits.documentsPerSessionMax) {
      const message = `${limits.documentsPerSessionMax} documents are open in this session: close one first.`;
      throw new AppError('conflict', message, { conflict: { limit: 'documentsPerSessionMax' } });
    }
    const state = stateOf(path, 0, found.text, { base: found.hash, format: { ...found.format }, clean: true });
    const start = { path, version: 0, sequence: host.log.head, text: found.text };
    const document = this.#keep({ state, closed: false, start, updates: [], events: 0 });
    try {
      document.opened(client);
      // Without its first text no edit could be understood.
      if (!document.kept()) throw new AppError('full', 'The disk is full: the document cannot be opened. Free some space and try again.');
      return document;
    } catch (error) {
      this.#forget(document);
      throw error;
    }
  }

  #forget(document: OpenDocument): void {
    document.dispose();
    this.#documents.delete(document.state.path);
  }

  #keep(loaded: LoadedDocument): OpenDocument {
    const { host, files, store, past, autosave, report } = this.#parts;
    const document = new OpenDocument(
      { runId: host.runId, log: host.log, files, store, past, autosave, report, settled: () => this.#settled(), changed: () => this.#changed() },
      loaded,
    );
    this.#documents.set(loaded.state.path, document);
    return document;
  }

  /** Those that are not in memory were kept when they left it; what the last server left must be looked at first. */
  #settled(): string[] {
    const { store, host } = this.#parts;
    const known = store.documents(host.runId).map(({ path }) => path);
    return known.filter((path) => this.#documents.get(path)?.settled ?? this.#allLoaded);
  }

  /** After a start: what is unsaved is watched, and shown, though nobody opens it. One at a time. */
  async #loadUnsaved(): Promise<void> {
    const { store, host } = this.#parts;
    for (const { path, closed } of store.documents(host.runId)) {
      await new Promise((resolve) => setImmediate(resolve));
      if (this.#left) return;
      if (!closed) this.find(path);
    }
    this.#allLoaded = true;
    this.#changed();
  }

  #restAll(): void {
    for (const document of this.#documents.values()) {
      if (!document.resting || !document.kept()) continue;
      this.#forget(document);
    }
  }

  #changed(): void {
    if (this.#left) return;
    this.#parts.announce();
    const told = `${this.activity().detail} ${this.clients().map(({ client }) => client).join()}`;
    if (told === this.#told) return;
    this.#told = told;
    this.#since = Date.now();
    this.#parts.host.changed();
  }
}

const counted = (count: number): string => (count === 1 ? '1 document' : `${count} documents`);
