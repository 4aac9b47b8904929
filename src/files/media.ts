// What a file is, told by its first bytes and never by its name: only pictures and PDF are shown
// by a browser as they are; everything else is handed over as a file to keep.

/** First bytes that `mediaType` looks at. */
export const MEDIA_BYTES = 32;

const SIGNS: readonly (readonly [string, RegExp])[] = [
  ['image/png', /^\x89PNG\r\n\x1a\n/],
  ['image/jpeg', /^\xff\xd8\xff/],
  ['image/gif', /^GIF8[79]a/],
  ['image/webp', /^RIFF[^]{4}WEBP/],
  ['image/avif', /^[^]{4}ftypavi[fs]/],
  ['application/pdf', /^%PDF-/],
];

/** One that may be shown; undefined for all others. */
export function mediaType(first: Uint8Array): string | undefined {
  const head = Buffer.from(first.subarray(0, MEDIA_BYTES)).toString('latin1');
  return SIGNS.find(([, sign]) => sign.test(head))?.[0];
}

/** For Content-Disposition, whatever the name: without a way out of its quotes. */
export function disposition(kind: 'inline' | 'attachment', name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%/]/g, '_');
  const encoded = encodeURIComponent(name.toWellFormed()).replace(/['()*!]/g, (letter) => `%${letter.charCodeAt(0).toString(16).toUpperCase()}`);
  return `${kind}; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
