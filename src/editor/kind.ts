// The file editor as a kind of session: over the files of its workspace, without a program. It
// is there again after every start of the server, with all that was not saved.

import { AppError, invalid } from '../errors.ts';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import type { Host, Kind } from '../sessions/kind.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import type { CheckpointStore } from './checkpoints.ts';
import type { DocumentFiles } from './disk.ts';
import { Editor } from './editor.ts';
import type { Past } from './past.ts';

export interface FileEditorKindParts {
  files: (workspace: Workspace) => DocumentFiles;
  store: CheckpointStore;
  past: Past;
  /** Setting workspaces.autosave as it holds in a workspace. */
  autosave: (workspaceId: string) => boolean;
  announce: (runId: string) => void;
  report: (line: string) => void;
}

export class FileEditorKind implements Kind {
  readonly name = 'fileEditor';
  readonly #parts: FileEditorKindParts;
  readonly #live = new Map<string, Editor>();

  constructor(parts: FileEditorKindParts) {
    this.#parts = parts;
  }

  meta(given: JsonObject, workspace: Workspace): JsonObject {
    const { path, ...rest } = given;
    const [other] = Object.keys(rest);
    if (other !== undefined) throw invalid(`meta.${other}`, 'A file session takes path; nothing else.');
    if (path === undefined) return {};
    if (typeof path !== 'string' || path === '' || path.length > limits.pathBytesMax) throw invalid('meta.path', 'Must be the path of a file inside the workspace.');
    try {
      return { path: this.#parts.files(workspace).pathOf(path) };
    } catch (error) {
      throw error instanceof AppError ? invalid('meta.path', error.message) : error;
    }
  }

  defaultName(): string {
    return 'Files';
  }

  opening(): NewEvent[] {
    return [];
  }

  async start(host: Host): Promise<Editor> {
    const editor = this.adopt(host);
    const { path } = host.meta;
    // The first one is open when the session is; that it cannot be is no reason for the others.
    if (typeof path === 'string' && host.log.head <= FIRST_EVENTS) await editor.open(path, 'api').catch((error: unknown) => this.#tell(host, error));
    return editor;
  }

  /** There is nothing that could have been lost: the log has it all. */
  adopt(host: Host): Editor {
    const { files, store, past, autosave, announce, report } = this.#parts;
    const { runId, workspace } = host;
    const editor = new Editor({
      host,
      files: files(workspace),
      store,
      past,
      autosave: () => autosave(workspace.id),
      announce: () => announce(runId),
      report,
    });
    this.#live.set(runId, editor);
    void editor.exited.then(() => this.#live.delete(runId));
    return editor;
  }

  /** The live editor of a session, if it is one and lives. */
  editor(runId: string): Editor | undefined {
    return this.#live.get(runId);
  }

  #tell(host: Host, error: unknown): void {
    if (!(error instanceof AppError)) throw error;
    host.log.append([{ channel: 'system', type: 'error', data: { code: error.code, message: error.message } }]);
  }
}

/** Of a session that was just made: only its first status is there. */
const FIRST_EVENTS = 1;
