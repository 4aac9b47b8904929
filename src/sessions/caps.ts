// What is said of a history that comes near its cap, before anything of it is dropped.

import { limits } from '../limits.ts';
import type { HistorySize } from './compaction.ts';

export interface HistoryWarning {
  code: 'session_history' | 'total_history';
  /** For a person. */
  message: string;
  sessionId?: string;
  bytes: number;
  limit: number;
}

export function sessionWarning({ runId, name, bytes }: HistorySize, limit: number | null): HistoryWarning | undefined {
  if (limit === null || bytes < limit * limits.capWarnPart) return undefined;
  const message =
    `The history of “${name}” takes ${inBytes(bytes)} of ${inBytes(limit)}: past that its oldest part is dropped. ` +
    'Raise the limit in the settings to keep it.';
  return { code: 'session_history', message, sessionId: runId, bytes, limit };
}

export function totalWarning(bytes: number, limit: number | null): HistoryWarning | undefined {
  if (limit === null || bytes < limit * limits.capWarnPart) return undefined;
  const message =
    `All history takes ${inBytes(bytes)} of ${inBytes(limit)}: past that the oldest is dropped, of ended sessions first. ` +
    'Raise the limit in the settings, or delete sessions.';
  return { code: 'total_history', message, bytes, limit };
}

/** `1.5 GiB`, `930 MiB`. */
export function inBytes(bytes: number): string {
  const MiB = 1024 * 1024;
  const [unit, size] = bytes >= 1024 * MiB ? ['GiB', bytes / (1024 * MiB)] : ['MiB', bytes / MiB];
  return `${Number(size.toFixed(size < 10 ? 1 : 0))} ${unit}`;
}
