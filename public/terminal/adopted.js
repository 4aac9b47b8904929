// Tells, once each time, that the program went on while the server was away.

const ADOPTED = /^adopted after restart at (\S+)$/;
const SHOWN_MS = 15_000;

let told = '';

/** @param {{ status: string, statusReason: string | null }} session as it is now */
export function tellAdopted({ status, statusReason }, notices) {
  // It is news of a program that runs: of one that has ended, something else is.
  if (status !== 'active') notices.hide('adopted');
  const at = status === 'active' ? ADOPTED.exec(statusReason ?? '')?.[1] : undefined;
  if (at === undefined || at === told) return;
  told = at;
  const text = `Adopted after restart at ${new Date(at).toLocaleTimeString()}: the program ran on.`;
  notices.show('adopted', { text, forMs: SHOWN_MS });
}
