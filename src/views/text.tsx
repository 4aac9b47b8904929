// Somebody else's text on our page: names, paths and titles come from programs and files.

import { Html } from '@elysiajs/html';

/** Marks and overrides that would show a text in another order than it has. */
const DIRECTION_CONTROLS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;

/** The text with every direction control made visible: `evil\u202egpj.exe` must not look like a picture. */
export function plain(text: string): string {
  return text.replace(DIRECTION_CONTROLS, '\ufffd');
}

/** What does not show, shows nothing of its own, or looks like another: no space but the plain one. */
const UNSEEN = /[\p{Default_Ignorable_Code_Point}\p{Cf}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u;

export const hasUnseen = (text: string): boolean => UNSEEN.test(text);

/** A text of which every character counts, as in a command: what would not be seen stands there by its number. */
export function exactly(text: string): JSX.Element {
  if (!hasUnseen(text)) return <span safe>{text}</span>;
  return (
    <>
      {text.split(new RegExp(`(${UNSEEN.source})`, 'u')).map((part) =>
        UNSEEN.test(part) ? <abbr class="unseen" title="A character that does not show" safe>{codePoint(part)}</abbr> : <span safe>{part}</span>,
      )}
    </>
  );
}

const codePoint = (character: string): string => `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`;

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
