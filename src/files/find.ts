// Files by a part of their path, best first: a bounded walk that is kept for a moment, for a
// person types letter by letter.

import { limits } from '../limits.ts';
import { namesIn } from './names.ts';
import { type Folder, type Ground, openFolder } from './open.ts';
import { textOf } from './path-text.ts';

export interface Found {
  paths: string[];
  /** False where the workspace has more files than are looked at. */
  complete: boolean;
}

interface Walk {
  at: number;
  files: Promise<{ paths: string[]; complete: boolean }>;
}

/** What tools keep for themselves, and nobody opens by name. */
export const SKIPPED: ReadonlySet<string> = new Set(['.git', '.hg', '.svn', '.jj', 'node_modules', '.venv', '__pycache__', '.next', '.cache', '.gradle', '.terraform', '.tox']);

const walks = new Map<string, Walk>();

/** Without words, the shortest paths. @throws AppError conflict */
export async function findFiles(ground: Ground, words: string, limit: number): Promise<Found> {
  const { paths, complete } = await filesOf(ground);
  const wanted = words.toLowerCase().replace(/\s+/g, '');
  const ranked: { path: string; rank: number }[] = [];
  for (const path of paths) {
    const rank = rankOf(path, wanted);
    if (rank !== undefined) ranked.push({ path, rank });
  }
  ranked.sort((one, other) => one.rank - other.rank || one.path.length - other.path.length || (one.path < other.path ? -1 : 1));
  return { paths: ranked.slice(0, limit).map(({ path }) => path), complete };
}

/** Lower is better; undefined where it has not all letters in this order. */
export function rankOf(path: string, wanted: string): number | undefined {
  const lower = path.toLowerCase();
  const name = lower.slice(lower.lastIndexOf('/') + 1);
  if (name === wanted) return 0;
  if (name.startsWith(wanted)) return 1;
  if (name.includes(wanted)) return 2;
  if (lower.includes(wanted)) return 3;
  let at = -1;
  let jumps = 0;
  for (const letter of wanted) {
    const next = lower.indexOf(letter, at + 1);
    if (next === -1) return undefined;
    // A letter that begins a word is as good as the next one.
    if (next !== at + 1 && !/[/._\- ]/.test(lower[next - 1] ?? '/')) jumps += 1;
    at = next;
  }
  return 4 + jumps;
}

function filesOf(ground: Ground): Walk['files'] {
  const now = performance.now();
  for (const [known, { at }] of walks) if (now - at > limits.findKeptMs) walks.delete(known);
  const known = walks.get(ground.path) ?? { at: now, files: walked(ground) };
  walks.set(ground.path, known);
  return known.files;
}

/** Breadth first: what is near is there, where not all is. */
async function walked(ground: Ground): Promise<{ paths: string[]; complete: boolean }> {
  const paths: string[] = [];
  let waiting: string[] = [''];
  let looked = 0;
  // Of each depth all, then the next one.
  for (let depth = 0; waiting.length > 0; depth += 1) {
    if (depth > limits.treeDepthMax) return { paths, complete: false };
    const below: string[] = [];
    for (const next of waiting) {
      looked += 1;
      if (looked > limits.findFilesMax) return { paths, complete: false };
      await lookInto(ground, next, paths, below);
      if (paths.length >= limits.findFilesMax) return { paths, complete: false };
    }
    waiting = below;
  }
  return { paths, complete: true };
}

/** Adds its files, up to limits.findFilesMax of all, and its folders. */
async function lookInto(ground: Ground, at: string, paths: string[], folders: string[]): Promise<void> {
  let folder: Folder;
  try {
    folder = openFolder(ground, at);
  } catch {
    return; // Gone, or not ours to read.
  }
  try {
    for (const { bytes, kind } of await namesIn(folder).catch(() => [])) {
      const name = textOf(bytes);
      const path = at === '' ? name : `${at}/${name}`;
      if (kind === 'folder' && !SKIPPED.has(name)) folders.push(path);
      else if (kind === 'file') paths.push(path);
      if (paths.length >= limits.findFilesMax) return;
    }
  } finally {
    folder.dispose();
  }
}
