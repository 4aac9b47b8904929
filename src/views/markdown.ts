// Markdown of models and files as HTML. Every element comes from the list below and every text
// is escaped on its way: raw HTML in the text is shown as text, links lead to http, https and
// mailto only, and pictures of other hosts become links.

import { coloured } from './code.ts';
import { plain } from './text.tsx';

const OPTIONS = { tables: true, strikethrough: true, tasklists: true, autolinks: true, noHtmlBlocks: true, noHtmlSpans: true };

/** Deeper quoting is nobody's writing, and slow. */
const QUOTES_MAX = 20;

/**
 * HTML that is safe to show.
 * @param file the address of a page of ours that shows the file which a link names, if it names one
 */
export function markdown(text: string, file?: (href: string) => string | undefined): string {
  const shallow = plain(text).replace(/^(\s{0,3}>\s?){20,}/gm, '> '.repeat(QUOTES_MAX));
  const elements = file === undefined ? ELEMENTS : { ...ELEMENTS, link: linkWith(file) };
  return Bun.markdown.render(shallow, elements, OPTIONS);
}

/** An address that a link may lead to, or undefined. */
export function safeAddress(href: string): string | undefined {
  const address = /^www\./i.test(href) ? `https://${href}` : /^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/.test(href) ? `mailto:${href}` : href;
  // What a browser would strip before it looks at the scheme is no part of an address.
  if (/[\u0000-\u0020\u007f]/.test(address) || !URL.canParse(address)) return undefined;
  const { protocol, href: normal } = new URL(address);
  return ['http:', 'https:', 'mailto:'].includes(protocol) ? normal : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const CHARACTERS: Readonly<Record<string, string>> = Object.fromEntries(Object.entries(ENTITIES).map(([one, entity]) => [entity, one]));

const escape = (text: string): string => text.replace(/[&<>"']/g, (one) => ENTITIES[one] ?? '');

/** What `escape` made, back: code is coloured from its own text. */
const unescape = (html: string): string => html.replace(/&(?:amp|lt|gt|quot|#39);/g, (entity) => CHARACTERS[entity] ?? entity);

const within = (tag: string) => (children: string) => `<${tag}>${children}</${tag}>`;

function linkWith(file: (href: string) => string | undefined) {
  return (children: string, { href }: { href: string }): string => {
    const own = safeAddress(href) === undefined ? file(href) : undefined;
    return own === undefined ? link(children, href) : `<a href="${escape(own)}">${children}</a>`;
  };
}

function link(children: string, href: string): string {
  const address = safeAddress(href);
  if (address === undefined) return `<span class="dead-link" title="${escape(`This link is not opened: ${href.slice(0, 200)}`)}">${children}</span>`;
  return `<a href="${escape(address)}" rel="noopener noreferrer nofollow" target="_blank">${children}</a>`;
}

const align = (meta: { align?: string | undefined } | undefined): string =>
  meta?.align === 'center' || meta?.align === 'right' ? ` class="${meta.align}"` : '';

const ELEMENTS: Parameters<typeof Bun.markdown.render>[1] = {
  text: escape,
  html: escape,
  heading: (children, { level }) => `<h${Math.min(6, level + 2)}>${children}</h${Math.min(6, level + 2)}>`,
  paragraph: within('p'),
  blockquote: within('blockquote'),
  code: (children, meta) => codeBlock(unescape(children), meta?.language ?? ''),
  list: (children, { ordered, start }) => (ordered ? `<ol start="${Number(start ?? 1)}">${children}</ol>` : `<ul>${children}</ul>`),
  listItem: (children, meta) =>
    meta?.checked === undefined ? `<li>${children}</li>` : `<li class="task"><input type="checkbox" disabled${meta.checked ? ' checked' : ''}> ${children}</li>`,
  hr: () => '<hr>',
  table: (children) => `<div class="table-scroll"><table>${children}</table></div>`,
  thead: within('thead'),
  tbody: within('tbody'),
  tr: within('tr'),
  th: (children, meta) => `<th${align(meta)}>${children}</th>`,
  td: (children, meta) => `<td${align(meta)}>${children}</td>`,
  strong: within('strong'),
  emphasis: within('em'),
  strikethrough: within('del'),
  codespan: within('code'),
  link: (children, { href }) => link(children, href),
  image: (children, { src }) => link(children === '' ? 'picture' : `picture: ${children}`, src),
};

/** A block of code, with its language said and a button that copies it. */
export function codeBlock(text: string, language: string): string {
  const said = /^[\w+#.-]{1,30}$/.test(language) ? language : '';
  const body = text.replace(/\n$/, '');
  return `<div class="code"><div class="code-head"><span>${escape(said)}</span><button type="button" class="copy-code needs-script" data-copy-block aria-label="Copy this code">Copy</button></div><pre><code>${coloured(body, said)}</code></pre></div>`;
}
