// Every file that a page may load, embedded in the binary. One hash over all of them is part
// of each address, so a browser keeps them for ever and modules import each other by relative
// paths.

import { readFileSync } from 'node:fs';
import xtermCss from '@xterm/xterm/css/xterm.css' with { type: 'file' };
import xterm from '@xterm/xterm/lib/xterm.mjs' with { type: 'file' };
import addonFit from '@xterm/addon-fit/lib/addon-fit.mjs' with { type: 'file' };
import addonSearch from '@xterm/addon-search/lib/addon-search.mjs' with { type: 'file' };
import addonWebLinks from '@xterm/addon-web-links/lib/addon-web-links.mjs' with { type: 'file' };
import addonWebgl from '@xterm/addon-webgl/lib/addon-webgl.mjs' with { type: 'file' };
import htmx from 'htmx.org/dist/htmx.min.js' with { type: 'file' };
import appCss from '../public/app.css' with { type: 'file' };
import icon from '../public/icon.svg' with { type: 'file' };
import icon180 from '../public/icon-180.png' with { type: 'file' };
import icon512 from '../public/icon-512.png' with { type: 'file' };
import keys from '../public/keys.js' with { type: 'file' };
import look from '../public/look.js' with { type: 'file' };
import newsWorker from '../public/news-worker.js' with { type: 'file' };
import news from '../public/news.js' with { type: 'file' };

/** Name under the assets' address to where the file is embedded. */
const FILES: Record<string, string> = {
  'app.css': appCss,
  'icon.svg': icon,
  'icon-180.png': icon180,
  'icon-512.png': icon512,
  'keys.js': keys,
  'look.js': look,
  'news.js': news,
  'news-worker.js': newsWorker,
  'vendor/htmx.js': htmx,
  'vendor/xterm.css': xtermCss,
  'vendor/xterm.mjs': xterm,
  'vendor/addon-fit.mjs': addonFit,
  'vendor/addon-search.mjs': addonSearch,
  'vendor/addon-web-links.mjs': addonWebLinks,
  'vendor/addon-webgl.mjs': addonWebgl,
};

const TYPES: Record<string, string> = {
  css: 'text/css; charset=utf-8',
  js: 'text/javascript; charset=utf-8',
  mjs: 'text/javascript; charset=utf-8',
  svg: 'image/svg+xml',
  png: 'image/png',
};

export interface Asset {
  bytes: Uint8Array<ArrayBuffer>;
  type: string;
}

const files = new Map<string, Asset>();
const hasher = new Bun.CryptoHasher('sha256');
for (const [name, path] of Object.entries(FILES)) {
  const bytes = new Uint8Array(readFileSync(path));
  hasher.update(name).update(bytes);
  files.set(name, { bytes, type: TYPES[name.split('.').at(-1) ?? ''] ?? 'application/octet-stream' });
}
const HASH = hasher.digest('hex').slice(0, 16);

/** Address of an asset; a name that is not embedded is a mistake of ours. */
export function assetUrl(name: string): string {
  if (!files.has(name)) throw new Error(`No asset ${name}`);
  return `/assets/${HASH}/${name}`;
}

/** @param path what follows `/assets/` */
export function findAsset(path: string): Asset | undefined {
  return path.startsWith(`${HASH}/`) ? files.get(path.slice(HASH.length + 1)) : undefined;
}
