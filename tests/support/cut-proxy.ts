// A network that can be cut: forwards TCP, and on demand drops every connection without a
// word and takes no new one.

import { connect, createServer, type Socket } from 'node:net';

export interface CutProxy {
  port: number;
  /** Where to, known once the server listens. */
  forwardTo(port: number): void;
  /** Drops what is connected; new connections are refused until `mend`. */
  cut(): void;
  mend(): void;
  stop(): Promise<void>;
}

export async function startCutProxy(): Promise<CutProxy> {
  const sockets = new Set<Socket>();
  let target = 0;
  let whole = true;
  const proxy = createServer((near) => {
    if (!whole) return void near.destroy();
    const far = connect(target, '127.0.0.1');
    for (const [socket, other] of [[near, far], [far, near]] as const) {
      sockets.add(socket);
      socket.setNoDelay(true);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        sockets.delete(socket);
        other.destroy();
      });
      socket.pipe(other);
    }
  });
  await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
  const address = proxy.address();
  const drop = (): void => {
    for (const socket of [...sockets]) socket.destroy();
  };
  return {
    port: typeof address === 'object' && address !== null ? address.port : 0,
    forwardTo: (port) => {
      target = port;
    },
    cut: () => {
      whole = false;
      drop();
    },
    mend: () => {
      whole = true;
    },
    stop: () => {
      drop();
      return new Promise((resolve) => proxy.close(() => resolve()));
    },
  };
}
