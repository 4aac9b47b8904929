// Every file that a page may load, embedded in the binary. One hash over all of them is part
// of each address, so a browser keeps them for ever and modules import each other by relative
// paths.

import { readFileSync } from 'node:fs';
import xtermCss from '@xterm/xterm/css/xterm.css' with { type: 'file' };
import xterm from '@xterm/xterm/lib/xterm.mjs' with { type: 'file' };
import addonSearch from '@xterm/addon-search/lib/addon-search.mjs' with { type: 'file' };
import addonWebLinks from '@xterm/addon-web-links/lib/addon-web-links.mjs' with { type: 'file' };
import addonUnicodeGraphemes from '@xterm/addon-unicode-graphemes/lib/addon-unicode-graphemes.mjs' with { type: 'file' };
import addonWebgl from '@xterm/addon-webgl/lib/addon-webgl.mjs' with { type: 'file' };
import editor from '../build/editor.js' with { type: 'file' };
import htmx from 'htmx.org/dist/htmx.min.js' with { type: 'file' };
import appCss from '../public/app.css' with { type: 'file' };
import changesCss from '../public/changes.css' with { type: 'file' };
import changes from '../public/changes.js' with { type: 'file' };
import commandsCss from '../public/commands.css' with { type: 'file' };
import commands from '../public/commands.js' with { type: 'file' };
import conversationComplete from '../public/conversation-complete.js' with { type: 'file' };
import conversationComposer from '../public/conversation-composer.js' with { type: 'file' };
import conversationReading from '../public/conversation-reading.js' with { type: 'file' };
import conversationCss from '../public/conversation.css' with { type: 'file' };
import conversation from '../public/conversation.js' with { type: 'file' };
import copy from '../public/copy.js' with { type: 'file' };
import fuzzy from '../public/fuzzy.js' with { type: 'file' };
import filesCss from '../public/files.css' with { type: 'file' };
import fileSearch from '../public/file-search.js' with { type: 'file' };
import filesIsland from '../public/files.js' with { type: 'file' };
import filesUpload from '../public/files-upload.js' with { type: 'file' };
import home from '../public/home.css' with { type: 'file' };
import editorCss from '../public/editor.css' with { type: 'file' };
import icon from '../public/icon.svg' with { type: 'file' };
import icon180 from '../public/icon-180.png' with { type: 'file' };
import icon512 from '../public/icon-512.png' with { type: 'file' };
import keys from '../public/keys.js' with { type: 'file' };
import live from '../public/live.js' with { type: 'file' };
import newsWorker from '../public/news-worker.js' with { type: 'file' };
import notify from '../public/notify.js' with { type: 'file' };
import news from '../public/news.js' with { type: 'file' };
import offline from '../public/offline.js' with { type: 'file' };
import palette from '../public/palette.js' with { type: 'file' };
import scheme from '../public/scheme.js' with { type: 'file' };
import replayCss from '../public/replay.css' with { type: 'file' };
import replayAxis from '../public/replay/axis.js' with { type: 'file' };
import replayFeed from '../public/replay/feed.js' with { type: 'file' };
import replayMain from '../public/replay/main.js' with { type: 'file' };
import replayPageStage from '../public/replay/page-stage.js' with { type: 'file' };
import replayPlayer from '../public/replay/player.js' with { type: 'file' };
import replayScrubber from '../public/replay/scrubber.js' with { type: 'file' };
import replayTerminalStage from '../public/replay/terminal-stage.js' with { type: 'file' };
import serviceWorker from '../public/service-worker.js' with { type: 'file' };
import searchCss from '../public/search.css' with { type: 'file' };
import search from '../public/search.js' with { type: 'file' };
import terminalCss from '../public/terminal.css' with { type: 'file' };
import terminalAcknowledgements from '../public/terminal/acknowledgements.js' with { type: 'file' };
import terminalAdopted from '../public/terminal/adopted.js' with { type: 'file' };
import terminalClipboard from '../public/terminal/clipboard.js' with { type: 'file' };
import terminalCompose from '../public/terminal/compose.js' with { type: 'file' };
import terminalConnectionWords from '../public/terminal/connection-words.js' with { type: 'file' };
import terminalDevice from '../public/terminal/device.js' with { type: 'file' };
import terminalDrawing from '../public/terminal/drawing.js' with { type: 'file' };
import terminalFacts from '../public/terminal/facts.js' with { type: 'file' };
import terminalKeys from '../public/terminal/keys.js' with { type: 'file' };
import terminalLetterbox from '../public/terminal/letterbox.js' with { type: 'file' };
import terminalLooking from '../public/terminal/looking.js' with { type: 'file' };
import terminalMain from '../public/terminal/main.js' with { type: 'file' };
import terminalNotices from '../public/terminal/notices.js' with { type: 'file' };
import terminalOlder from '../public/terminal/older.js' with { type: 'file' };
import terminalOutbox from '../public/terminal/outbox.js' with { type: 'file' };
import terminalPace from '../public/terminal/pace.js' with { type: 'file' };
import terminalPage from '../public/terminal/page.js' with { type: 'file' };
import terminalPrompts from '../public/terminal/prompts.js' with { type: 'file' };
import terminalPastePicture from '../public/terminal/paste-picture.js' with { type: 'file' };
import terminalReplay from '../public/terminal/replay.js' with { type: 'file' };
import terminalRules from '../public/terminal/rules.js' with { type: 'file' };
import terminalScreen from '../public/terminal/screen.js' with { type: 'file' };
import terminalSearch from '../public/terminal/search.js' with { type: 'file' };
import terminalSteady from '../public/terminal/steady.js' with { type: 'file' };
import terminalStream from '../public/terminal/stream.js' with { type: 'file' };
import terminalThemes from '../public/terminal/themes.js' with { type: 'file' };
import terminalThrift from '../public/terminal/thrift.js' with { type: 'file' };
import terminalTouch from '../public/terminal/touch.js' with { type: 'file' };
import terminalViewport from '../public/terminal/viewport.js' with { type: 'file' };
import terminalWire from '../public/terminal/wire.js' with { type: 'file' };
import workbenchBeginning from '../public/workbench/beginning.js' with { type: 'file' };
import workbenchBench from '../public/workbench/bench.js' with { type: 'file' };
import workbenchBorders from '../public/workbench/borders.js' with { type: 'file' };
import workbenchByKeys from '../public/workbench/by-keys.js' with { type: 'file' };
import workbenchCarrying from '../public/workbench/carrying.js' with { type: 'file' };
import workbenchFilling from '../public/workbench/filling.js' with { type: 'file' };
import workbenchLayouts from '../public/workbench/layouts.js' with { type: 'file' };
import workbenchTree from '../public/workbench/tree.js' with { type: 'file' };
import workbenchCss from '../public/workbench.css' with { type: 'file' };
import workspaceCss from '../public/workspace.css' with { type: 'file' };

/** Name under the assets' address to where the file is embedded. */
const FILES: Record<string, string> = {
  'app.css': appCss,
  'changes.css': changesCss,
  'changes.js': changes,
  'commands.css': commandsCss,
  'commands.js': commands,
  'conversation-complete.js': conversationComplete,
  'conversation-composer.js': conversationComposer,
  'conversation-reading.js': conversationReading,
  'conversation.css': conversationCss,
  'conversation.js': conversation,
  'copy.js': copy,
  'fuzzy.js': fuzzy,
  'files.css': filesCss,
  'file-search.js': fileSearch,
  'files.js': filesIsland,
  'files-upload.js': filesUpload,
  'home.css': home,
  'editor.css': editorCss,
  'editor.js': editor,
  'icon.svg': icon,
  'icon-180.png': icon180,
  'icon-512.png': icon512,
  'keys.js': keys,
  'live.js': live,
  'news.js': news,
  'news-worker.js': newsWorker,
  'notify.js': notify,
  'offline.js': offline,
  'palette.js': palette,
  'service-worker.js': serviceWorker,
  'scheme.js': scheme,
  'replay.css': replayCss,
  'replay/axis.js': replayAxis,
  'replay/feed.js': replayFeed,
  'replay/main.js': replayMain,
  'replay/page-stage.js': replayPageStage,
  'replay/player.js': replayPlayer,
  'replay/scrubber.js': replayScrubber,
  'replay/terminal-stage.js': replayTerminalStage,
  'search.css': searchCss,
  'search.js': search,
  'terminal.css': terminalCss,
  'terminal/acknowledgements.js': terminalAcknowledgements,
  'terminal/adopted.js': terminalAdopted,
  'terminal/clipboard.js': terminalClipboard,
  'terminal/compose.js': terminalCompose,
  'terminal/connection-words.js': terminalConnectionWords,
  'terminal/device.js': terminalDevice,
  'terminal/drawing.js': terminalDrawing,
  'terminal/facts.js': terminalFacts,
  'terminal/keys.js': terminalKeys,
  'terminal/letterbox.js': terminalLetterbox,
  'terminal/looking.js': terminalLooking,
  'terminal/main.js': terminalMain,
  'terminal/notices.js': terminalNotices,
  'terminal/older.js': terminalOlder,
  'terminal/outbox.js': terminalOutbox,
  'terminal/pace.js': terminalPace,
  'terminal/page.js': terminalPage,
  'terminal/prompts.js': terminalPrompts,
  'terminal/paste-picture.js': terminalPastePicture,
  'terminal/replay.js': terminalReplay,
  'terminal/rules.js': terminalRules,
  'terminal/screen.js': terminalScreen,
  'terminal/search.js': terminalSearch,
  'terminal/steady.js': terminalSteady,
  'terminal/stream.js': terminalStream,
  'terminal/themes.js': terminalThemes,
  'terminal/thrift.js': terminalThrift,
  'terminal/touch.js': terminalTouch,
  'terminal/viewport.js': terminalViewport,
  'terminal/wire.js': terminalWire,
  'workbench.css': workbenchCss,
  'workspace.css': workspaceCss,
  'workbench/beginning.js': workbenchBeginning,
  'workbench/bench.js': workbenchBench,
  'workbench/borders.js': workbenchBorders,
  'workbench/by-keys.js': workbenchByKeys,
  'workbench/carrying.js': workbenchCarrying,
  'workbench/filling.js': workbenchFilling,
  'workbench/layouts.js': workbenchLayouts,
  'workbench/tree.js': workbenchTree,
  'vendor/htmx.js': htmx,
  'vendor/xterm.css': xtermCss,
  'vendor/xterm.mjs': xterm,
  'vendor/addon-search.mjs': addonSearch,
  'vendor/addon-web-links.mjs': addonWebLinks,
  'vendor/addon-unicode-graphemes.mjs': addonUnicodeGraphemes,
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
