// The server's way to a holder: one connection, greeted. Only a refusal says that no holder is
// there; whatever else goes wrong is told, never taken for its absence.

import { AppError } from '../../errors.ts';
import { peerUser } from '../../libc.ts';
import { limits } from '../../limits.ts';
import { type HeldSession, type Hello, HOLDER_VERSION, jsonFrame, TO_HOLDER, TO_SERVER, type Welcome } from './frames.ts';
import { Link } from './link.ts';
import { type Card, shortPath } from './place.ts';

export interface Greeted {
  link: Link;
  welcome: Welcome;
}

export interface GreetingEvents {
  /** Every frame after WELCOME. `body` is only good during the call. */
  frame(tag: number, body: Buffer): void;
  /** The connection is gone, once; `reason` where the holder gave one. */
  closed(reason: string | undefined): void;
}

interface Calling {
  link: Link | undefined;
  greeted: boolean;
  bye: string | undefined;
}

/**
 * @returns undefined where nobody listens, or whoever does holds another token: look at the card again
 * @throws AppError unavailable when it listens and does not answer
 */
export async function greet(card: Card, events: GreetingEvents): Promise<Greeted | undefined> {
  for (const socket of card.sockets) {
    const answer = Promise.withResolvers<Welcome | undefined>();
    const calling = await call(socket, answer.resolve, events);
    if (calling === undefined) continue;
    const late = setTimeout(() => answer.reject(silent()), limits.holderGreetingMs);
    const hello: Hello = { ...HOLDER_VERSION, token: card.token };
    calling.link.send(jsonFrame(TO_HOLDER.hello, hello));
    try {
      const welcome = await answer.promise;
      return welcome === undefined ? undefined : { link: calling.link, welcome };
    } catch (error) {
      calling.link.close();
      throw error;
    } finally {
      clearTimeout(late);
    }
  }
  return undefined;
}

const silent = (): AppError => new AppError('unavailable', 'The process that keeps terminals does not answer.');

/** @returns undefined when it is refused */
async function call(
  path: string,
  answer: (welcome: Welcome | undefined) => void,
  events: GreetingEvents,
): Promise<{ link: Link } | undefined> {
  const take = (calling: Calling, tag: number, body: Buffer): void => {
    if (tag === TO_SERVER.bye) calling.bye = body.toString();
    else if (calling.greeted) events.frame(tag, body);
    else if (tag === TO_SERVER.welcome) {
      calling.greeted = true;
      answer(JSON.parse(body.toString()) as Welcome);
    }
  };
  const data: Calling = { link: undefined, greeted: false, bye: undefined };
  let short: ReturnType<typeof shortPath> | undefined;
  try {
    short = shortPath(path);
    const socket = await Bun.connect<Calling>({
      unix: short.path,
      data,
      socket: {
        data(_, bytes) {
          data.link?.receive(bytes);
        },
        drain() {
          data.link?.drain();
        },
        close() {
          if (data.greeted) events.closed(data.bye);
          answer(undefined);
        },
        error() {},
      },
    });
    const user = peerUser(socket);
    if (user !== undefined && user !== process.getuid?.()) {
      socket.terminate();
      return undefined;
    }
    const link = new Link(socket, (tag, body) => take(data, tag, body));
    data.link = link;
    return { link };
  } catch (error) {
    if (isRefusal(error)) return undefined;
    throw new AppError('unavailable', 'The process that keeps terminals cannot be reached.');
  } finally {
    short?.dispose();
  }
}

const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ECONNREFUSED' || error.code === 'ENOENT');

/** Resolves when none of the programs that a holder lists lives. */
export async function noneLives(list: () => Promise<HeldSession[]>): Promise<void> {
  while ((await list()).some(({ exit }) => exit === null)) await Bun.sleep(LIST_AGAIN_MS);
}

const LIST_AGAIN_MS = 20;
