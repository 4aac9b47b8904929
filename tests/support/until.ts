// Waits for what must become true, with a deadline; never a fixed sleep.

const STEP_MS = 10;

/** @returns what `check` gave once it is truthy. @throws after the deadline, with what `what` says */
export async function until<T>(what: string | (() => string), check: () => T | Promise<T>, deadlineMs = 10_000): Promise<NonNullable<T>> {
  const deadline = Date.now() + deadlineMs;
  for (;;) {
    const found = await check();
    if (found) return found;
    if (Date.now() > deadline) throw new Error(`Waited ${deadlineMs} ms in vain for ${typeof what === 'string' ? what : what()}`);
    await Bun.sleep(STEP_MS);
  }
}
