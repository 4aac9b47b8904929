// Edits that the server has not acknowledged, kept by the browser: a reload without a network,
// a crash or a closed page must not cost them.

const PREFIX = 'dispatch-unsent:';
/** A page that is alive writes again within this time. */
export const BEAT_MS = 5_000;
const ABANDONED_MS = 3 * BEAT_MS;
const CHARACTERS_MAX = 2_000_000;

const keyOf = (session, path, clientID) => `${PREFIX}${session}:${clientID}:${path}`;

/** @returns whether they are kept */
export function keepUnsent({ session, path, clientID, version, updates }) {
  const key = keyOf(session, path, clientID);
  try {
    if (updates.length === 0) {
      localStorage.removeItem(key);
      return true;
    }
    const value = JSON.stringify({ clientID, version, updates, at: Date.now() });
    if (value.length > CHARACTERS_MAX) return false;
    localStorage.setItem(key, value);
    sessionStorage.setItem(`${PREFIX}page:${session}:${path}`, clientID);
    return true;
  } catch {
    return false; // No storage, or it is full.
  }
}

/** Those of this page before its reload, or of one that is gone; nobody else gets them then. */
export function takeUnsent(session, path) {
  try {
    const own = sessionStorage.getItem(`${PREFIX}page:${session}:${path}`);
    for (const key of Object.keys(localStorage)) {
      // An id has no colon; a path may.
      if (!key.startsWith(`${PREFIX}${session}:`) || key.slice(key.indexOf(':', PREFIX.length + session.length + 1) + 1) !== path) continue;
      const kept = JSON.parse(localStorage.getItem(key) ?? 'null');
      if (kept === null || (kept.clientID !== own && kept.at > Date.now() - ABANDONED_MS)) continue;
      localStorage.removeItem(key);
      return kept;
    }
  } catch {
    // No storage: then nothing was kept.
  }
  return undefined;
}
