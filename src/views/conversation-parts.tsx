// What the items of a conversation share: what they are shown with, pictures, who did what.

import { Html } from '@elysiajs/html';
import { opens } from './file-row.tsx';
import { plain } from './text.tsx';

/** What items are shown with. */
export interface ItemContext {
  sessionId: string;
  /** What ids that others in the same page may have too end in; none on a page of its own. */
  suffix?: string;
  workspaceId: string;
  /** Of the workspace: paths inside are shown without it. */
  folder: string;
  /** Whether the agent can be answered. */
  live: boolean;
  /** Names of devices by id. */
  devices: ReadonlyMap<string, string>;
  /** Which device looks; null for a program. */
  here: string | null;
}

/** The name of who did something; empty where it was done here. */
export function whoElse({ devices, here }: ItemContext, client: string): string {
  if (client === here) return '';
  return client === 'api' ? 'by a program' : `from ${devices.get(client) ?? 'another device'}`;
}

type Json = Readonly<Record<string, unknown>>;

/** A file that is named; one of the workspace leads to the editor. */
export function filePath(path: string, context: ItemContext, line?: unknown): JSX.Element {
  const at = typeof line === 'number' && line > 1 ? line : undefined;
  const own = insideOf(path, context);
  const shown = plain(own ?? path);
  const words = <bdi safe>{at === undefined ? shown : `${shown}:${at}`}</bdi>;
  return own === undefined ? words : <a class="quiet-link" {...opens(context.workspaceId, own.toWellFormed(), at)}>{words as 'safe'}</a>;
}

/** The page of the file that a link in the agent's words names (`src/a.ts:12`, `a.ts#L12`, `file://…`), if it is one of the workspace. */
export function fileLink(context: ItemContext): (href: string) => string | undefined {
  return (href) => {
    const [, named = '', colon, hash] = /^(?:file:\/\/)?([^#?]*?)(?::(\d{1,7})(?::\d+)?)?(?:#L(\d{1,7})(?:-L?\d+)?)?$/.exec(decoded(href)) ?? [];
    const own = /^[a-z][a-z0-9+.-]*:/i.test(named) ? undefined : insideOf(named, context);
    return own === undefined ? undefined : opens(context.workspaceId, own.toWellFormed(), Number(colon ?? hash ?? 0) || undefined).href;
  };
}

/** Relative to the workspace; undefined where it lies elsewhere. */
function insideOf(path: string, { folder }: ItemContext): string | undefined {
  const relative = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path.replace(/^\.\//, '');
  const isOutside = relative === '' || relative.startsWith('/') || relative.split('/').includes('..') || /\p{Cc}/u.test(relative);
  return isOutside ? undefined : relative;
}

function decoded(href: string): string {
  try {
    return decodeURIComponent(href);
  } catch {
    return href; // A percent sign of its own.
  }
}

/** Where in the file the texts of a diff begin: some agents show all of it, others only what changes. */
export function diffFrom({ rawInput, locations }: Json, path: unknown): number | null {
  const input = typeof rawInput === 'object' && rawInput !== null ? (rawInput as Json) : {};
  if (!('old_string' in input) && !('edits' in input)) return 1;
  const places = Array.isArray(locations) ? (locations as Json[]) : [];
  const line = places.find((place) => place.path === path)?.line;
  return typeof line === 'number' ? line : null;
}

export function pictures(sessionId: string, ids: readonly string[]): JSX.Element {
  if (ids.length === 0) return <></>;
  return (
    <div class="pictures">
      {ids.map((id) => {
        const address = `/api/sessions/${sessionId}/attachments/${id}`;
        return <a href={address} target="_blank"><img src={address} alt="A picture of this conversation" loading="lazy" /></a>;
      })}
    </div>
  );
}
