// Schemes of others become twenty colours, or are refused with a reason.

import { describe, expect, test } from 'bun:test';
import { parseScheme, SCHEME_COLOURS } from '../../src/settings/scheme.ts';

const TEN_AND_SIX = Array.from({ length: 16 }, (_, index) => `#${(index * 16 + 5).toString(16).padStart(2, '0').repeat(3)}`);
const resources = (lines: readonly string[]): string => ['! A scheme', '*.foreground: #DDEEFF', '*.background:   #112233', ...lines].join('\n');
const sixteen = TEN_AND_SIX.map((color, index) => `*.color${index}: ${color}`);

describe('X resources', () => {
  test('give all their colours, in small letters', () => {
    const scheme = parseScheme(resources([...sixteen, 'XTerm*cursorColor: #AABBCC', 'URxvt.highlightColor: #010203', 'XTerm*font: fixed']));
    expect(Object.keys(scheme)).toEqual([...SCHEME_COLOURS]);
    expect(scheme).toMatchObject({ foreground: '#ddeeff', background: '#112233', cursor: '#aabbcc', selectionBackground: '#010203', black: TEN_AND_SIX[0], brightWhite: TEN_AND_SIX[15] } as object);
  });

  test('may use names of their own, and other ways to write a colour', () => {
    const scheme = parseScheme(`#define BASE #abc\n${resources([...sixteen, '*color1: BASE', '*color2: rgb:ff/8/0', '*color3: #ffff80000000'])}`);
    expect(scheme).toMatchObject({ red: '#aabbcc', green: '#ff8800', yellow: '#ff8000' });
  });

  test('are read as the preprocessor would leave them: names of names, one branch of two, opacity left out', () => {
    const lines = ['#define base00 #101112', '#define ground base00', '#ifdef background_opacity', '*background: [background_opacity]base00', '#else', '*.background: ground', '#endif', '#ifndef light', '*color0: [80]#222324', '#else', '*color0: no colour', '#endif', '*color1: rgba:ffff/8000/0000/cccc'];
    expect(parseScheme(resources([...sixteen, ...lines]))).toMatchObject({ background: '#101112', black: '#222324', red: '#ff8000' });
  });

  test('without cursor and selection get them from the others', () => {
    expect(parseScheme(resources(sixteen))).toMatchObject({ cursor: '#ddeeff', selectionBackground: '#445566' });
  });

  test('are refused with the line, or with what is missing', () => {
    expect(() => parseScheme(resources([...sixteen, '*.color4: steelblue']))).toThrow('Line 20: “steelblue” is no colour');
    expect(() => parseScheme(resources(sixteen.slice(0, 14)))).toThrow('It does not say colour 14 and colour 15.');
    expect(() => parseScheme(sixteen.join('\n'))).toThrow('It does not say the foreground and the background.');
  });
});

describe('schemes of iTerm', () => {
  const color = (name: string, parts: readonly number[]) => `<key>${name}</key><dict><key>Alpha Component</key><real>1</real>
    <key>Blue Component</key><real>${parts[2]}</real><key>Color Space</key><string>sRGB</string>
    <key>Green Component</key><real>${parts[1]}</real><key>Red Component</key><real>${parts[0]}</real></dict>`;
  const plist = (colors: readonly string[]) => `<?xml version="1.0"?><!DOCTYPE plist><plist version="1.0"><dict>${colors.join('\n')}</dict></plist>`;
  const all = [...Array.from({ length: 16 }, (_, index) => color(`Ansi ${index} Color`, [index / 15, 0, 1])), color('Foreground Color', [1, 1, 1]), color('Background Color', [0, 0.5, 0])];

  test('give all their colours', () => {
    const more = [color('Cursor Color', [1, 0, 0]), color('Selection Color', [0, 0, 0.2]), color('Badge Color', [0.5, 0.5, 0.5])];
    expect(parseScheme(plist([...all, ...more]))).toMatchObject({
      foreground: '#ffffff', background: '#008000', cursor: '#ff0000', selectionBackground: '#000033', black: '#0000ff', brightWhite: '#ff00ff',
    });
  });

  test('are those of no mode, where it has others for light and dark', () => {
    const variants = ['Light', 'Dark'].flatMap((mode) => [color(`Ansi 3 Color (${mode})`, [1, 1, 1]), color(`Background Color (${mode})`, [1, 1, 1])]);
    const [three = '', background = ''] = [all[3], all.at(-1)];
    expect(parseScheme(plist([...all, three, ...variants, background, ...variants]))).toMatchObject({ yellow: '#3300ff', background: '#008000' });
  });

  test('are refused where a colour is not whole, or the file is binary', () => {
    const broken = '<key>Ansi 3 Color</key><dict><key>Red Component</key><real>x</real></dict>';
    expect(() => parseScheme(plist([...all, broken]))).toThrow('Of colour 3');
    expect(() => parseScheme('bplist00\u0000')).toThrow('plutil');
  });
});

test('what is no scheme is said to be none', () => {
  expect(() => parseScheme(' \n')).toThrow('Paste a scheme');
  expect(() => parseScheme('hello: world')).toThrow('There are no colours in it');
  for (const name of ['constructor', '__proto__', 'toString']) expect(() => parseScheme(`*.${name}: world`)).toThrow('There are no colours in it');
  expect(() => parseScheme('x'.repeat(200_000))).toThrow('128 KiB');
  expect(() => parseScheme('<key>Ansi 0 Color</key><dict>'.repeat(4000))).toThrow();
});
