// The terminal that a command runs in, taken over for a while: raw keys in, drawing out, and as
// it was before however we leave.

import { readlinkSync, writeSync } from 'node:fs';
import { hostname } from 'node:os';
import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import type { Winsize } from '../pty/winsize.ts';

const STDOUT = 1;
const SIGNALS = { SIGHUP: 1, SIGINT: 2, SIGTERM: 15 } as const;

export interface LocalTerminalEvents {
  typed: (bytes: Uint8Array) => void;
  resized: () => void;
  /** The terminal itself went away. */
  gone: () => void;
  /** It takes more after a `write` that said no. */
  drained: () => void;
}

export class LocalTerminal {
  readonly #end: string;
  readonly #undo: (() => void)[] = [];

  /** @param begin, end what is written when it is taken and given back. @throws AppError where there is none */
  constructor(begin: string, end: string, events: LocalTerminalEvents) {
    const { stdin, stdout } = process;
    if (!stdin.isTTY || !stdout.isTTY) throw new AppError('invalid', 'attach needs a terminal to show the session in');
    this.#end = end;
    stdin.setRawMode(true);
    const typed = (bytes: Buffer): void => events.typed(bytes);
    stdin.on('data', typed);
    stdin.on('end', events.gone);
    stdout.on('error', events.gone);
    stdout.on('resize', events.resized);
    stdout.on('drain', events.drained);
    stdin.resume();
    const restore = (): void => this.dispose();
    process.on('exit', restore);
    for (const [name, number] of Object.entries(SIGNALS)) {
      const leave = (): never => process.exit(128 + number);
      process.on(name, leave);
      this.#undo.push(() => process.off(name, leave));
    }
    this.#undo.push(() => {
      process.off('exit', restore);
      stdin.off('data', typed);
      stdin.off('end', events.gone);
      stdout.off('resize', events.resized);
      stdout.off('drain', events.drained);
      stdin.setRawMode(false);
      stdin.pause();
      stdin.unref();
    });
    this.write(begin);
  }

  get winsize(): Winsize {
    const { columns, rows } = process.stdout;
    return { cols: columns > 0 ? columns : 80, rows: rows > 0 ? rows : 24 };
  }

  /** @returns whether it takes more at once */
  write(text: string): boolean {
    return process.stdout.write(text);
  }

  /** At once, for the process may end right after it. */
  dispose(): void {
    if (this.#undo.length === 0) return;
    for (const act of [...this.#undo.splice(0), () => writeSync(STDOUT, this.#end)]) {
      try {
        act();
      } catch {
        // The terminal is gone, and with it what there was to restore.
      }
    }
  }
}

/** Names this terminal among those of the machine, the same each time. */
export function terminalName(): { client: string; name: string } {
  const tty = ttyOf()?.replace(/^\/dev\//, '') ?? `process ${process.pid}`;
  const client = `cli-${tty.replace(/[^A-Za-z0-9]+/g, '-')}`.slice(0, limits.clientIdLengthMax);
  return { client, name: `${tty} on ${hostname()}`.slice(0, limits.clientNameLengthMax) };
}

function ttyOf(): string | undefined {
  try {
    const path = readlinkSync('/proc/self/fd/0');
    return path.startsWith('/dev/') ? path : undefined;
  } catch {
    return undefined;
  }
}
