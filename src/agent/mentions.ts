// Files of a workspace by a part of their name, for `@` in a prompt. The walk is bounded and
// kept for a moment, for a person types the name letter by letter.

import { readdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { limits } from '../limits.ts';

const SKIPPED = new Set(['.git', '.hg', '.svn', 'node_modules', '.venv', '__pycache__', 'target', 'dist', 'build', '.next', '.cache']);
const KEPT_MS = 5_000;

const walks = new Map<string, { at: number; files: Promise<string[]> }>();

/** Paths relative to the folder, best first. */
export async function filesNamed(folder: string, part: string): Promise<string[]> {
  const wanted = part.toLowerCase();
  const files = await filesOf(folder);
  return files
    .flatMap((file) => {
      const rank = rankOf(file.toLowerCase(), wanted);
      return rank === undefined ? [] : [{ file, rank }];
    })
    .sort((one, other) => one.rank - other.rank || one.file.length - other.file.length || (one.file < other.file ? -1 : 1))
    .slice(0, limits.mentionsShown)
    .map(({ file }) => file);
}

/** Its name begins so, its name has it, its path has it, its path has the letters in this order. */
function rankOf(file: string, wanted: string): number | undefined {
  const name = file.slice(file.lastIndexOf('/') + 1);
  if (name.startsWith(wanted)) return 0;
  if (name.includes(wanted)) return 1;
  if (file.includes(wanted)) return 2;
  let at = -1;
  for (const letter of wanted) {
    at = file.indexOf(letter, at + 1);
    if (at === -1) return undefined;
  }
  return 3;
}

function filesOf(folder: string): Promise<string[]> {
  const now = performance.now();
  for (const [known, { at }] of walks) if (now - at > KEPT_MS) walks.delete(known);
  const walk = walks.get(folder) ?? { at: now, files: walked(folder) };
  walks.set(folder, walk);
  return walk.files;
}

async function walked(folder: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [folder];
  for (let next = folders.shift(); next !== undefined && files.length < limits.mentionFilesMax; next = folders.shift()) {
    const entries = await readdir(next, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(next, entry.name);
      if (entry.isDirectory() && !SKIPPED.has(entry.name)) folders.push(path);
      else if (entry.isFile()) files.push(relative(folder, path));
    }
  }
  return files;
}
