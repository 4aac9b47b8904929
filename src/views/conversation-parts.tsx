// What the items of a conversation share: what they are shown with, pictures, who did what.

import { Html } from '@elysiajs/html';
import { plain } from './text.tsx';

/** What items are shown with. */
export interface ItemContext {
  sessionId: string;
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

/** A file that is named. */
export function filePath(path: string, folder: string, line?: unknown): JSX.Element {
  const shown = plain(path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path);
  return <bdi safe>{typeof line === 'number' && line > 1 ? `${shown}:${line}` : shown}</bdi>;
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
