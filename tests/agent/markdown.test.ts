// Markdown of models: what is meant to be shown is shown, and nothing of it can act.

import { describe, expect, test } from 'bun:test';
import { coloured, languageOf } from '../../src/views/code.ts';
import { fileLink } from '../../src/views/conversation-parts.tsx';
import { diffCount, diffView } from '../../src/views/diff.tsx';
import { markdown, safeAddress } from '../../src/views/markdown.ts';

/** Every tag that may come out, and what each may carry. */
const TAG = /<\/?([a-z0-9]+)((?:\s+[a-z-]+(?:="[^"<>]*")?)*)\s*>/g;
const ALLOWED = new Set(['p', 'h3', 'h4', 'h5', 'h6', 'strong', 'em', 'del', 'code', 'pre', 'ul', 'ol', 'li', 'input', 'blockquote', 'hr', 'table', 'thead', 'tbody', 'tr', 'th', 'td', 'div', 'span', 'button', 'a']);
const ATTRIBUTES = /^(class|href|rel|target|title|start|type|disabled|checked|data-copy-block|aria-label)$/;

function harmless(html: string): void {
  const rest = html.replace(TAG, (_, tag: string, attributes: string) => {
    expect(ALLOWED.has(tag)).toBe(true);
    for (const [, name = '', value = ''] of attributes.matchAll(/([a-z-]+)(?:="([^"]*)")?/g)) {
      expect(name).toMatch(ATTRIBUTES);
      if (name === 'href') expect(value).toMatch(/^(https?:\/\/|mailto:)/);
    }
    return '';
  });
  expect(rest).not.toMatch(/[<>]/);
}

describe('Markdown', () => {
  test('shows what it should', () => {
    const html = markdown('# Title\n\n**bold** *em* ~~gone~~ `code`\n\n- [x] done\n- next\n\n1. one\n\n> said\n\n| a | b |\n|---|--:|\n| 1 | 2 |\n\n```ts\nconst a = 1;\n```');
    for (const part of ['<h3>Title</h3>', '<strong>bold</strong>', '<del>gone</del>', 'checked', '<ol start="1">', '<blockquote>', '<td class="right">2</td>', 'hljs-keyword']) expect(html).toContain(part);
    harmless(html);
  });

  test.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    '<div onclick="x">\ntext\n</div>',
    '[x](javascript:alert(1)) [y](JAVASCRIPT:alert(1)) [z](&#106;avascript:alert(1))',
    '[x](data:text/html,<script>alert(1)</script>)',
    '[x](https://a.b/"onmouseover="alert(1))',
    '![x](https://elsewhere.example/p.png "onload=alert(1)")',
    '<javascript:alert(1)> <https://a.b/"><img src=x>',
    '```"><img src=x onerror=alert(1)>\ncode\n```',
    '`<b>` \\<i\\> &lt;u&gt; &#60;script&#62;',
    '[a][r]\n\n[r]: javascript:alert(1) "<b>"',
    '| <img src=x> |\n|---|\n| <script>x</script> |',
    '</div></article><script>x</script>',
  ])('makes nothing of %p that could act', (text) => harmless(markdown(text)));

  test('takes no harm from random pieces of all of it', () => {
    const pieces = ['<', '>', '"', "'", '&', '[', ']', '(', ')', '`', '```', '*', '_', '\n', '\n\n', '> ', '- ', '| ', '---', 'javascript:', 'https://a.b', '<script>', 'onerror=', '&#60;', '\\', '!', '~~', ' ', 'x', '\0', '\u202e'];
    let seed = 7;
    const dice = (sides: number): number => {
      seed = (seed * 48_271) % 2_147_483_647;
      return seed % sides;
    };
    for (let round = 0; round < 500; round += 1) harmless(markdown(Array.from({ length: 60 }, () => pieces[dice(pieces.length)]).join('')));
  });

  test('comes to an end where somebody wants it to be slow', () => {
    for (const text of ['> '.repeat(50_000), '['.repeat(50_000), '*a _b '.repeat(20_000), '`'.repeat(50_000), '| '.repeat(20_000)]) harmless(markdown(text));
  });
});

test('links lead to the web and to mail, and nowhere else', () => {
  expect(safeAddress('https://a.b/?q=1')).toBe('https://a.b/?q=1');
  expect(safeAddress('www.a.b')).toBe('https://www.a.b/');
  expect(safeAddress('somebody@a.b')).toBe('mailto:somebody@a.b');
  for (const bad of ['javascript:x', ' javascript:x', 'java\nscript:x', 'data:x', 'file:///etc/passwd', 'blob:x', '//a.b', '/path', 'src/a.ts', 'vbscript:x', '']) expect(safeAddress(bad)).toBeUndefined();
});

test('a link to a file of the workspace leads to the editor, and one to anywhere else does not', () => {
  const context = { sessionId: 's', workspaceId: 'w', folder: '/home/me/shop', live: true, devices: new Map(), here: null };
  const shown = (href: string): string => markdown(`[x](${href})`, fileLink(context));
  for (const [href, query] of [['src/a.ts', 'src%2Fa.ts'], ['./a.ts:12', 'a.ts&amp;line=12'], ['/home/me/shop/b.ts#L3', 'b.ts&amp;line=3'], ['file:///home/me/shop/c%20d.ts', 'c%20d.ts'], ['a.ts:7:2', 'a.ts&amp;line=7'], ['a%22b.ts', 'a%22b.ts']] as const) {
    expect(shown(href)).toContain(`<a href="/workspaces/w/open?path=${query}">x</a>`);
  }
  for (const href of ['../a.ts', 'src/../../a.ts', '/etc/passwd', '//a.b/c', 'javascript:alert(1)', 'data:text/html,x', 'file:///etc/passwd', '%2e%2e/a', '#top']) expect(shown(href)).not.toContain('<a ');
  expect(shown('https://a.b/')).toContain('target="_blank"');
});

test('code is escaped whether its language is known or not', () => {
  expect(coloured('<b>', 'unheard-of')).toBe('&lt;b&gt;');
  expect(coloured('let a = "<b>";', 'js')).not.toContain('<b>');
  expect([languageOf('src/a.ts'), languageOf('Dockerfile'), languageOf('notes.unheard')]).toEqual(['ts', 'dockerfile', '']);
});

test('a diff names the lines that came and went, escaped, and gives up on what shares nothing', () => {
  const before = Array.from({ length: 50 }, (_, line) => `line ${line}`).join('\n');
  const html = String(diffView(before, before.replace('line 20', '<b>changed</b>')));
  expect(html).toContain('&lt;b>changed&lt;/b>'.replaceAll('>', '&gt;'));
  expect(html).toContain('data-n="21"');
  expect(html.match(/<tr/g)).toHaveLength(8);
  // An agent that shows only what changes says where it begins, or no line has a number.
  expect(String(diffView('a', 'b', 7))).toContain('data-n="7"');
  expect(String(diffView('a', 'b', null))).not.toMatch(/data-n="\d/);
  expect(diffCount(null, 'a\nb\n')).toEqual({ came: 2, went: 0 });
  const many = (word: string): string => Array.from({ length: 20_000 }, (_, line) => `${word} ${line * 7919}`).join('\n');
  expect(diffCount(many('one'), many('two')).came).toBe(20_000);
});
