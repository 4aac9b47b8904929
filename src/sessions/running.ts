// A session whose program lives, is about to, or has ended without its end being in the log.

import type { Program } from './kind.ts';
import type { SessionStatus } from './session.ts';

export interface Running {
  status: SessionStatus;
  /** ms; when the status began. */
  since: number;
  program: Program | undefined;
  started: Promise<void>;
  /** Resolves once the end is in the log. */
  ended: Promise<void>;
  resolveEnded: () => void;
}

export function startingNow(started: Promise<void>): Running {
  const { promise: ended, resolve: resolveEnded } = Promise.withResolvers<void>();
  return { status: 'starting', since: Date.now(), program: undefined, started, ended, resolveEnded };
}
