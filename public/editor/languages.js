// Which language a file is in, by its name: for colours, folding and indentation. A file of
// none is edited as plain text.

import { cpp } from '@codemirror/lang-cpp';
import { css } from '@codemirror/lang-css';
import { go } from '@codemirror/lang-go';
import { html } from '@codemirror/lang-html';
import { java } from '@codemirror/lang-java';
import { javascript } from '@codemirror/lang-javascript';
import { json } from '@codemirror/lang-json';
import { markdown } from '@codemirror/lang-markdown';
import { python } from '@codemirror/lang-python';
import { rust } from '@codemirror/lang-rust';
import { sql } from '@codemirror/lang-sql';
import { xml } from '@codemirror/lang-xml';
import { yaml } from '@codemirror/lang-yaml';
import { StreamLanguage } from '@codemirror/language';
import { csharp, kotlin, scala } from '@codemirror/legacy-modes/mode/clike';
import { diff } from '@codemirror/legacy-modes/mode/diff';
import { dockerFile } from '@codemirror/legacy-modes/mode/dockerfile';
import { lua } from '@codemirror/legacy-modes/mode/lua';
import { nginx } from '@codemirror/legacy-modes/mode/nginx';
import { perl } from '@codemirror/legacy-modes/mode/perl';
import { powerShell } from '@codemirror/legacy-modes/mode/powershell';
import { properties } from '@codemirror/legacy-modes/mode/properties';
import { ruby } from '@codemirror/legacy-modes/mode/ruby';
import { shell } from '@codemirror/legacy-modes/mode/shell';
import { swift } from '@codemirror/legacy-modes/mode/swift';
import { toml } from '@codemirror/legacy-modes/mode/toml';

const stream = (mode) => () => StreamLanguage.define(mode);
const script = (options) => () => javascript(options);

/** By the end of the name. */
const ENDINGS = {
  js: script({ jsx: true }),
  ts: script({ typescript: true }),
  tsx: script({ typescript: true, jsx: true }),
  json: () => json(),
  html: () => html(),
  css: () => css(),
  py: () => python(),
  rs: () => rust(),
  go: () => go(),
  md: () => markdown({ codeLanguages: (name) => languageNamed(name) }),
  yaml: () => yaml(),
  sql: () => sql(),
  cpp: () => cpp(),
  java: () => java(),
  xml: () => xml(),
  sh: stream(shell),
  toml: stream(toml),
  diff: stream(diff),
  rb: stream(ruby),
  lua: stream(lua),
  pl: stream(perl),
  ps1: stream(powerShell),
  swift: stream(swift),
  kt: stream(kotlin),
  scala: stream(scala),
  cs: stream(csharp),
  ini: stream(properties),
  nginx: stream(nginx),
  dockerfile: stream(dockerFile),
};
const SAME = {
  js: 'jsx mjs cjs javascript',
  ts: 'mts cts typescript',
  json: 'jsonc json5 webmanifest map code-workspace',
  html: 'htm xhtml vue svelte',
  css: 'scss less',
  py: 'pyi pyw python',
  rs: 'rust',
  go: 'golang',
  md: 'markdown mdx',
  yaml: 'yml',
  sql: 'psql mysql ddl',
  cpp: 'c h hpp hh cc cxx ino',
  xml: 'svg plist xsd xsl rss',
  sh: 'bash zsh fish ksh bashrc zshrc profile env',
  toml: 'lock',
  diff: 'patch',
  rb: 'rake gemspec ruby',
  pl: 'pm perl',
  kt: 'kts',
  ini: 'properties cfg conf editorconfig gitconfig desktop service',
};
const NAMES = { dockerfile: 'dockerfile', containerfile: 'dockerfile', gemfile: 'rb', rakefile: 'rb', 'bun.lock': 'json', '.bashrc': 'sh', '.profile': 'sh' };

const ending = new Map(Object.keys(ENDINGS).map((name) => [name, name]));
for (const [name, others] of Object.entries(SAME)) for (const other of others.split(' ')) ending.set(other, name);

/** @returns an extension; undefined for plain text */
export function languageOf(path, firstLine = '') {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const known = (Object.hasOwn(NAMES, name) ? NAMES[name] : undefined) ?? ending.get(name.slice(name.lastIndexOf('.') + 1));
  if (known !== undefined) return ENDINGS[known]();
  if (/^#!.*\b(ba|z|da|k)?sh\b/.test(firstLine)) return ENDINGS.sh();
  if (/^#!.*\bpython/.test(firstLine)) return ENDINGS.py();
  return /^#!.*\b(node|bun|deno)\b/.test(firstLine) ? ENDINGS.js() : undefined;
}

/** Of a fenced block in Markdown. */
function languageNamed(name) {
  const known = ending.get(name.toLowerCase());
  return known === undefined || known === 'md' ? null : (ENDINGS[known]().language ?? ENDINGS[known]());
}
