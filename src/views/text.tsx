// Somebody else's text on our page: names, paths and titles come from programs and files.

import { Html } from '@elysiajs/html';

/** Marks and overrides that would show a text in another order than it has. */
const DIRECTION_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text with every direction control made visible: `evil\u202egpj.exe` must not look like a picture. */
export function plain(text: string): string {
  return text.replace(DIRECTION_CONTROLS, '\ufffd');
}

/**
 * For `value`: attributes come out with their quotes escaped but not their ampersands, so that
 * `&lt;` in a name would come back from a form as `<`.
 */
export function typed(text: string): string {
  return text.replaceAll('&', '&amp;');
}

/** A sentence of ours with `code` in it. */
export function withCode(text: string): JSX.Element {
  const parts = text.split('`');
  return <>{parts.map((part, index) => (index % 2 === 1 ? <code safe>{part}</code> : <span safe>{part}</span>))}</>;
}
