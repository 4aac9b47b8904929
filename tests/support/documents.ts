// A server with a file session, and devices that edit its documents as pages do: CodeMirror's
// own collaborative state, without a browser.

import { collab, getSyncedVersion, receiveUpdates, sendableUpdates } from '@codemirror/collab';
import { ChangeSet, EditorState, type TransactionSpec } from '@codemirror/state';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type ApiAnswer, startTestServer, type TestServer, type TestServerOptions } from './server.ts';

export interface DocumentServer extends TestServer {
  workspaceId: string;
  /** The workspace's folder. */
  folder: string;
  /** Writes a file into it. */
  file(name: string, content: string | Uint8Array): string;
  /** A new file session. */
  fileSession(meta?: object): Promise<string>;
  /** `POST /api/sessions/:id/ACTION` */
  act(id: string, action: string, body: object): Promise<ApiAnswer>;
  events(id: string, ...types: string[]): Promise<any[]>;
}

export async function startDocumentServer(options: TestServerOptions = {}): Promise<DocumentServer> {
  const server = await startTestServer(options);
  const { api } = server;
  const { id: workspaceId, path: folder } = options.folders === undefined ? await server.workspace('files') : (await api('/api/workspaces')).body.workspaces[0];
  return Object.assign(server, {
    workspaceId,
    folder,
    file(name: string, content: string | Uint8Array) {
      const path = join(folder, name);
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
      return path;
    },
    async fileSession(meta = {}) {
      const { status, body } = await api('/api/sessions', { method: 'POST', body: { workspaceId, kind: 'fileEditor', meta } });
      if (status !== 201) throw new Error(`It answered ${status}: ${JSON.stringify(body)}`);
      return body.id;
    },
    act: (id: string, action: string, body: object) => api(`/api/sessions/${id}/${action}`, { method: 'POST', body }),
    async events(id: string, ...types: string[]) {
      const events: any[] = [];
      for (let after = 0; ; ) {
        const { body } = await api(`/api/sessions/${id}/history?limit=1000&after=${after}`);
        events.push(...body.events);
        if (!body.hasMore) return events.filter(({ type }) => types.length === 0 || types.includes(type));
        after = body.nextSequence;
      }
    },
  });
}

/** What a device sends requests by: the test's own way to delay or to lose them. */
export type Ask = (path: string, body?: object) => Promise<ApiAnswer>;

/** One page with a document open. */
export class EditingDevice {
  readonly #ask: Ask;
  readonly #path: string;
  state = EditorState.create();

  constructor(ask: Ask, path: string) {
    this.#ask = ask;
    this.#path = path;
  }

  get text(): string {
    return this.state.doc.sliceString(0, this.state.doc.length, '\n');
  }

  get unsent(): number {
    return sendableUpdates(this.state).length;
  }

  async open(clientID: string): Promise<void> {
    const { status, body } = await this.#ask('open', { path: this.#path });
    if (status !== 200) throw new Error(`It answered ${status}: ${JSON.stringify(body)}`);
    this.state = EditorState.create({
      doc: body.text,
      extensions: [EditorState.lineSeparator.of('\n'), collab({ startVersion: body.document.version, clientID })],
    });
  }

  type(spec: TransactionSpec): void {
    this.state = this.state.update(spec).state;
  }

  /** Sends what is not acknowledged; takes what was missed. @returns whether all of it was taken */
  async push(): Promise<boolean> {
    const updates = sendableUpdates(this.state).map(({ clientID, changes }) => ({ clientID, changes: changes.toJSON() }));
    if (updates.length === 0) return true;
    const { status, body } = await this.#ask('changes', { path: this.#path, version: getSyncedVersion(this.state), updates });
    if (status === 200) {
      this.#receive(updates);
      return true;
    }
    if (status !== 409) throw new Error(`It answered ${status}: ${JSON.stringify(body)}`);
    this.#receive(body.conflict.changes.updates);
    return false;
  }

  async pull(): Promise<any> {
    const { status, body } = await this.#ask(`changes?path=${encodeURIComponent(this.#path)}&version=${getSyncedVersion(this.state)}`);
    if (status !== 200) throw new Error(`It answered ${status}: ${JSON.stringify(body)}`);
    this.#receive(body.updates);
    return body;
  }

  #receive(updates: { clientID: string; changes: unknown }[]): void {
    const received = updates.map(({ clientID, changes }) => ({ clientID, changes: ChangeSet.fromJSON(changes) }));
    this.state = receiveUpdates(this.state, received).state;
  }
}
