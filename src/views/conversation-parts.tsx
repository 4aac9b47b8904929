// What the items of a conversation share: what they are shown with, pictures, who did what.

import { Html } from '@elysiajs/html';

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
