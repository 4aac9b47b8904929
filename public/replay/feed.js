// Pieces of a terminal's past, as the server gives them: frames of the terminal stream, each with
// its time.

import { decode } from '../terminal/wire.js';

const PREFIX_BYTES = 12;

/** The moment was pruned; `kept` is where what is kept begins. */
export class GoneError extends Error {
  constructor(message, kept) {
    super(message);
    this.kept = kept;
  }
}

/**
 * @typedef {{ sequence: number, time: number, frame: any }} Step
 * @param {string} id session
 * @param {{ from?: number, t?: number, after?: number }} where
 * @param {AbortSignal} signal
 * @returns {Promise<{ steps: Step[], head: number }>}
 */
export async function fetchPiece(id, where, signal) {
  const answer = await fetch(`/api/sessions/${id}/replay?${new URLSearchParams(where)}`, { signal });
  if (!answer.ok) throw await problemOf(answer);
  return { steps: stepsOf(await answer.arrayBuffer()), head: Number(answer.headers.get('dispatch-head')) };
}

/** @param {string} id @param {AbortSignal} [signal] */
export async function fetchLife(id, signal) {
  const answer = await fetch(`/api/sessions/${id}/marks`, { headers: { accept: 'application/json' }, signal });
  if (!answer.ok) throw await problemOf(answer);
  return answer.json();
}

export async function problemOf(answer) {
  const { message, kept } = await answer.json().catch(() => ({ message: `The server answered ${answer.status}.` }));
  return answer.status === 410 ? new GoneError(message, kept?.sequence) : new Error(message);
}

/** @param {ArrayBuffer} buffer */
function stepsOf(buffer) {
  const view = new DataView(buffer);
  const steps = [];
  for (let at = 0; at + PREFIX_BYTES <= buffer.byteLength; ) {
    const length = view.getUint32(at);
    const time = view.getFloat64(at + 4);
    const frame = decode(buffer.slice(at + PREFIX_BYTES, at + PREFIX_BYTES + length));
    if (frame !== null) steps.push({ sequence: frame.sequence, time, frame: { ...frame, size: length } });
    at += PREFIX_BYTES + length;
  }
  return steps;
}
