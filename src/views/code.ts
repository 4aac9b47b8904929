// Code with its words coloured, by a library. What comes out is escaped whatever goes in; the
// colours are classes, named in public/conversation.css.

import { Html } from '@elysiajs/html';
import hljs from 'highlight.js/lib/core';
import bash from 'highlight.js/lib/languages/bash';
import c from 'highlight.js/lib/languages/c';
import cpp from 'highlight.js/lib/languages/cpp';
import csharp from 'highlight.js/lib/languages/csharp';
import css from 'highlight.js/lib/languages/css';
import diff from 'highlight.js/lib/languages/diff';
import dockerfile from 'highlight.js/lib/languages/dockerfile';
import go from 'highlight.js/lib/languages/go';
import ini from 'highlight.js/lib/languages/ini';
import java from 'highlight.js/lib/languages/java';
import javascript from 'highlight.js/lib/languages/javascript';
import json from 'highlight.js/lib/languages/json';
import kotlin from 'highlight.js/lib/languages/kotlin';
import markdown from 'highlight.js/lib/languages/markdown';
import php from 'highlight.js/lib/languages/php';
import python from 'highlight.js/lib/languages/python';
import ruby from 'highlight.js/lib/languages/ruby';
import rust from 'highlight.js/lib/languages/rust';
import shell from 'highlight.js/lib/languages/shell';
import sql from 'highlight.js/lib/languages/sql';
import swift from 'highlight.js/lib/languages/swift';
import typescript from 'highlight.js/lib/languages/typescript';
import xml from 'highlight.js/lib/languages/xml';
import yaml from 'highlight.js/lib/languages/yaml';

const LANGUAGES = {
  bash, c, cpp, csharp, css, diff, dockerfile, go, ini, java, javascript, json, kotlin, markdown, php, python, ruby, rust,
  shell, sql, swift, typescript, xml, yaml,
};
for (const [name, language] of Object.entries(LANGUAGES)) hljs.registerLanguage(name, language);

/** Longer code stays plain: colouring it would hold everybody up. */
const LENGTH_MAX = 30_000;

/** The same block comes with every refresh of a page that streams. */
const CACHE_MAX = 200;
const cache = new Map<string, string>();

/** Escaped HTML. @param language as a fence names it; an unknown one stays plain */
export function coloured(text: string, language: string): string {
  const name = language.toLowerCase();
  if (text.length > LENGTH_MAX || hljs.getLanguage(name) === undefined) return Html.escapeHtml(text);
  const key = `${name}\n${text}`;
  const known = cache.get(key);
  if (known !== undefined) return known;
  const html = hljs.highlight(text, { language: name, ignoreIllegals: true }).value;
  if (cache.size >= CACHE_MAX) for (const oldest of cache.keys()) { cache.delete(oldest); break; }
  cache.set(key, html);
  return html;
}

/** The language of a file, by its name; empty where it is none that we colour. */
export function languageOf(path: string): string {
  const name = path.slice(path.lastIndexOf('/') + 1).toLowerCase();
  const ending = name === 'dockerfile' ? name : name.slice(name.lastIndexOf('.') + 1);
  return hljs.getLanguage(ending) === undefined ? '' : ending;
}
