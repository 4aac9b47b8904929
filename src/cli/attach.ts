// `dispatch attach`: a session of the running server in this very terminal.

import { AppError } from '../errors.ts';
import { limits } from '../limits.ts';
import { Attached } from './attached.ts';
import { ask, type Environment, running } from './ask.ts';
import { Keys } from './keys.ts';
import { LocalTerminal, terminalName } from './local-terminal.ts';
import { BEGIN, END, Painter } from './painter.ts';

type Session = Record<string, unknown>;

/** Answers that another try does not change. */
const FINAL = new Set(['not_found', 'conflict', 'gone', 'forbidden', 'invalid']);
const CTRL_C = 0x03;

/** @returns what to say once this terminal is as it was before */
export async function attach(environment: Environment, args: readonly string[], given: ReadonlySet<string>): Promise<string[]> {
  const [wanted, ...more] = args;
  if (wanted === undefined) throw new AppError('invalid', 'attach: name a session (dispatch ls shows them)');
  if (more.length > 0) throw new AppError('invalid', 'attach takes one session');
  const session = await find(environment, wanted);
  const id = String(session.id);
  if (session.kind !== 'terminal') throw new AppError('conflict', `${wanted} is no terminal: open ${pageOf(environment, id)}`);
  if (environment.TERM_SESSION_ID === id) throw new AppError('conflict', 'this is that very session: it would show itself in itself without end');
  const left = await shown(environment, session, given.has('ro') ? 'ro' : 'rw');
  if (left.failure !== undefined) throw left.failure;
  if (!left.ended) return [`[detached: ${String(session.name)} goes on]`];
  const { exitCode, exitSignal, statusReason } = await ask(environment, 'GET', `/api/sessions/${id}`);
  const how = typeof exitSignal === 'string' ? exitSignal : exitCode === null ? String(statusReason ?? 'no exit code is known') : `exit code ${String(exitCode)}`;
  return [...left.screen, `[ended: ${String(session.name)}, ${how}]`];
}

interface Left {
  ended: boolean;
  failure: AppError | undefined;
  /** What an ended program left to see. */
  screen: string[];
}

function shown(environment: Environment, session: Session, mode: 'rw' | 'ro'): Promise<Left> {
  const { promise, resolve } = Promise.withResolvers<Left>();
  const painter = new Painter();
  const keys = new Keys({
    withinMs: limits.detachKeyMs,
    input: (bytes) => (mode === 'ro' && bytes.includes(CTRL_C) ? leave(false) : attached.input(bytes)),
    detach: () => leave(false),
  });
  const terminal = new LocalTerminal(BEGIN, END, {
    typed: (bytes) => keys.typed(bytes),
    resized() {
      painter.forget();
      attached.resized();
    },
    gone: () => leave(false),
    drained() {
      full = false;
      paintSoon();
    },
  });
  let full = false;
  let painting: ReturnType<typeof setTimeout> | undefined;
  let paintedAt = 0;
  const paint = (): void => {
    painting = undefined;
    const { screen, status } = attached;
    if (full || screen === undefined) return;
    paintedAt = performance.now();
    full = !terminal.write(painter.paint(screen, { local: terminal.winsize, status, types: mode === 'rw' }));
  };
  const paintSoon = (): void => {
    painting ??= setTimeout(paint, Math.max(0, paintedAt + limits.attachPaintMs - performance.now()));
  };
  const attached: Attached = new Attached({
    server: () => serverNow(environment, String(session.id)),
    id: String(session.id),
    mode,
    ...terminalName(),
    local: () => terminal.winsize,
    changed: paintSoon,
    rings: () => void terminal.write('\x07'),
    ended: (failure) => leave(true, failure),
  });
  function leave(ended: boolean, failure?: AppError): void {
    clearTimeout(painting);
    const screen = ended && failure === undefined ? (attached.screen?.ansi().split('\r\n') ?? []) : [];
    keys.dispose();
    attached.dispose();
    terminal.dispose();
    resolve({ ended, failure, screen });
  }
  return promise;
}

/** Asked before each connect, for what an upgrade refuses tells no reason. @throws AppError where no later try can help */
async function serverNow(environment: Environment, id: string): Promise<{ url: string; token: string } | undefined> {
  try {
    await ask(environment, 'GET', `/api/sessions/${id}`);
    return running(environment);
  } catch (error) {
    if (error instanceof AppError && !FINAL.has(error.code)) return undefined;
    throw error;
  }
}

/** By its id, or a name or part of an id that only one has. */
async function find(environment: Environment, wanted: string): Promise<Session> {
  if (/^[0-9a-f-]{36}$/.test(wanted)) return ask(environment, 'GET', `/api/sessions/${wanted}`);
  const { sessions } = await ask(environment, 'GET', '/api/sessions?kind=terminal&limit=1000');
  const all: Session[] = Array.isArray(sessions) ? sessions : [];
  const live = all.filter(({ status }) => status === 'active' || status === 'starting');
  for (const among of [live, all]) {
    const named = among.filter(({ id, name }) => name === wanted || (wanted.length >= 4 && String(id).endsWith(wanted)));
    const [one, ...others] = named;
    if (one === undefined) continue;
    if (others.length === 0) return one;
    throw new AppError('conflict', `${wanted} may be any of ${named.length} sessions: give the id (dispatch ls shows it)`);
  }
  throw new AppError('not_found', `${wanted}: there is no such terminal; dispatch ls shows them`);
}

function pageOf(environment: Environment, id: string): string {
  return `${running(environment).url}/sessions/${id}`;
}
