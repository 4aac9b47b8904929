// Agents as a person writes them in the settings: `name: program arguments`, a line each. What a
// line does not say (label, environment) stays as it was.

import { invalid } from '../errors.ts';
import type { SettingValues } from '../settings/categories.ts';

type Agents = NonNullable<SettingValues['agents']['agents']>;

export function linesOfAgents(agents: Agents | undefined): string {
  return Object.entries(agents ?? {})
    .map(([name, { command }]) => `${name}: ${command.map(quoted).join(' ')}`)
    .join('\n');
}

/** @throws AppError invalid (field agents) */
export function agentsOfLines(text: string, before: Agents | undefined): Agents {
  const agents: Agents = {};
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    if (line.trim() === '') continue;
    const [, name = '', rest = ''] = /^\s*([^\s:=]+)\s*[:=]\s*(.*)$/.exec(line) ?? [];
    const command = wordsOf(rest);
    if (name === '' || command === undefined || command.length === 0) throw invalid('agents', `Line ${index + 1} is not name: program arguments.`);
    if (name in agents) throw invalid('agents', `Line ${index + 1}: ${name} is there already.`);
    const { label, env } = before?.[name] ?? { label: `${name.charAt(0).toUpperCase()}${name.slice(1)}`, env: {} };
    agents[name] = { label, command, env };
  }
  return agents;
}

/** Parted at blanks, as a shell does it; undefined where a quote is left open. */
function wordsOf(text: string): string[] | undefined {
  const words: string[] = [];
  const word = /\s*((?:[^\s'"]|'[^']*'|"(?:[^"\\]|\\.)*")+)/y;
  while (word.lastIndex < text.trimEnd().length) {
    const [, found] = word.exec(text) ?? [];
    if (found === undefined) return undefined;
    words.push(found);
  }
  return words.map((found) =>
    found.replace(/'([^']*)'|"((?:[^"\\]|\\.)*)"/g, (_, plain: string | undefined, escaped: string | undefined) => plain ?? escaped?.replace(/\\(.)/g, '$1') ?? ''),
  );
}

const quoted = (word: string): string => {
  if (/^[^\s'"\\]+$/.test(word)) return word;
  return word.includes("'") ? `"${word.replace(/["\\]/g, '\\$&')}"` : `'${word}'`;
};
