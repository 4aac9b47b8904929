// What the list and the page of a workspace both show of it.

import { Html } from '@elysiajs/html';
import type { JsonObject } from '../json.ts';
import type { Workspace, WorkspaceStatus } from '../workspaces/workspace.ts';

export function statusBadge(status: WorkspaceStatus): JSX.Element {
  if (status === 'error') return <span class="badge badge-bad">folder unavailable</span>;
  if (status === 'archived') return <span class="badge">archived</span>;
  return <></>;
}

/** Only a plain colour may go into a style: anything else is somebody's text. */
export function colorOf({ metadata }: { metadata: JsonObject }): string | undefined {
  const { color } = metadata;
  return typeof color === 'string' && /^#[0-9a-f]{3}([0-9a-f]{3})?$/i.test(color) ? color : undefined;
}

/** The colour that marks a workspace; dashed where it has none that can be shown. */
export function swatch(color: string): JSX.Element {
  const shown = colorOf({ metadata: { color } });
  if (shown === undefined) return <span class="swatch swatch-none" aria-hidden="true"></span>;
  return <span class="swatch" style={`--tick: ${shown}`} aria-hidden="true"></span>;
}

export function textOf(metadata: JsonObject, name: string): string {
  const value = metadata[name];
  return typeof value === 'string' ? value : '';
}

/** `NAME=value`, a line each. A value with line breaks, or that looks quoted, goes as a JSON text. */
export function envLines({ metadata }: Pick<Workspace, 'metadata'>): string {
  const { env } = metadata;
  if (env === null || typeof env !== 'object' || Array.isArray(env)) return '';
  return Object.entries(env)
    .map(([name, value]) => [name, String(value)] as const)
    .map(([name, value]) => `${name}=${/^"|[\r\n]/.test(value) ? JSON.stringify(value) : value}`)
    .join('\n');
}

export function envNames({ metadata }: Pick<Workspace, 'metadata'>): string[] {
  const { env } = metadata;
  if (env === null || typeof env !== 'object') return [];
  return Array.isArray(env) ? env.map(String) : Object.keys(env);
}

export function pagerLink(rel: 'prev' | 'next', label: string, href: string): JSX.Element {
  return <a class="button" rel={rel} href={href} safe>{label}</a>;
}
