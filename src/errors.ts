// The one error that the core throws and the one table from code to HTTP status and
// WebSocket close code (4000 + status). Messages are fit for a user to read: they say
// what is wrong and what to do, and never name a path of the server's own.

export const ERROR_STATUS = {
  bad_request: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method: 405,
  conflict: 409,
  gone: 410,
  precondition: 412,
  too_large: 413,
  media_type: 415,
  range: 416,
  invalid: 422,
  precondition_required: 428,
  rate_limited: 429,
  internal: 500,
  unavailable: 503,
  full: 507,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

/**
 * What stands in the way, with every 409: a limit's name, the live sessions, the decision that
 * holds, the edits that were missed, the document as it is.
 */
export interface Conflict {
  limit?: string;
  sessions?: string[];
  decision?: unknown;
  changes?: unknown;
  document?: unknown;
}

export interface ErrorDetail {
  /** Field path (`meta.cols`) to what is wrong with it. */
  fields?: Record<string, string>;
  conflict?: Conflict;
  /** With 410: what is kept still begins here; `since` is ISO 8601. */
  kept?: { sequence: number; since: string };
  /** Seconds until a retry can succeed; becomes Retry-After. */
  retryAfter?: number;
}

export class AppError extends Error {
  constructor(
    readonly code: ErrorCode,
    message: string,
    readonly detail: ErrorDetail = {},
  ) {
    super(message);
    this.name = 'AppError';
  }

  get status(): number {
    return ERROR_STATUS[this.code];
  }

  /** WebSocket close code of the same meaning: 4000 + HTTP status. */
  get closeCode(): number {
    return 4000 + this.status;
  }
}

/** 422 with one field named. */
export function invalid(field: string, message: string): AppError {
  return new AppError('invalid', message, { fields: { [field]: message } });
}

/** For our own log only: it may name our paths. */
export const stackOf = (error: unknown): string => (error instanceof Error ? (error.stack ?? error.message) : String(error));

/** For programmer errors only: a broken invariant of ours, never bad input. */
export function assert(condition: unknown, invariant: string): asserts condition {
  if (!condition) throw new Error(`Invariant broken: ${invariant}`);
}
