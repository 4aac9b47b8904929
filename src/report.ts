// Lines for the operator, on stderr: level, time, what happened. Never a secret, never what
// was typed.

import { LOG_LEVELS, type LogLevel } from './config.ts';

export type Report = (level: LogLevel, line: string) => void;

/** Lines of `level` and of more importance go out. */
export function reportTo(level: LogLevel, write: (line: string) => void): Report {
  const most = LOG_LEVELS.indexOf(level);
  return (each, line) => {
    if (LOG_LEVELS.indexOf(each) <= most) write(`${new Date().toISOString()} ${each} ${line}\n`);
  };
}
