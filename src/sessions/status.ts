// The event that tells of a status. It is committed together with the status itself.

import { AppError } from '../errors.ts';
import type { NewEvent } from './event.ts';
import type { StatusChange } from './store.ts';

export const STARTING: StatusChange = { status: 'starting', statusReason: null, exitCode: null, exitSignal: null };

/** Reason of an `active` that is no start: the program ran on while no server did. */
export const adoptedAt = (ms: number): string => `adopted after restart at ${new Date(ms).toISOString()}`;

export function statusEvent(change: StatusChange): NewEvent {
  return {
    channel: 'system',
    type: 'status',
    data: {
      status: change.status,
      ...(change.statusReason === null ? {} : { reason: change.statusReason }),
      ...(change.exitCode === null ? {} : { exitCode: change.exitCode }),
      ...(change.exitSignal === null ? {} : { signal: change.exitSignal }),
    },
  };
}

/** A start that failed: the error, then the status, and the change that goes with them. */
export function failedStart(error: unknown): { events: NewEvent[]; change: StatusChange } {
  const unforeseen = 'The program could not be started: something went wrong on our side.';
  const { code, message } = error instanceof AppError ? error : new AppError('internal', unforeseen);
  const change: StatusChange = { ...STARTING, status: 'error', statusReason: message };
  return { events: [{ channel: 'system', type: 'error', data: { code, message } }, statusEvent(change)], change };
}
