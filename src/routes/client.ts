// Who is behind a request, as the session core knows devices; and what ends with their right.

import { endsWith } from '../auth/auth.ts';
import type { Parts } from './parts.ts';

/** Device id of a signed-in browser; `api` for a program. */
export function callerClient({ gate }: Parts, request: Request): string {
  return gate.caller(request).identity?.deviceId ?? 'api';
}

/**
 * Calls `end` once the caller's right has ended (signed out, revoked, key changed).
 * @returns the function that stops listening
 */
export function whenRevoked({ auth, gate }: Parts, request: Request, end: () => void): () => void {
  const { identity } = gate.caller(request);
  return auth.onRevoked((revoked) => {
    if (endsWith(identity, revoked)) end();
  });
}
