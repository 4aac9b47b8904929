// Holders of other versions beside ours. Nothing new goes to them, and they are not ended unless
// somebody asks: only what no version ever changes is spoken with them.

import { frame, type HeldSession, HOLDER_VERSION, idBytes, TO_HOLDER, TO_SERVER } from './frames.ts';
import { greet, type Greeted, noneLives } from './greeting.ts';
import { majorsIn, placeOf, readCard } from './place.ts';

/** Living holders of the data folder that we cannot be a server to. */
export async function otherHolders(dataFolder: string): Promise<ForeignHolder[]> {
  const others = majorsIn(dataFolder).filter((major) => major !== HOLDER_VERSION.major);
  const found = await Promise.all(others.map((major) => ForeignHolder.find(dataFolder, major)));
  return found.filter((holder) => holder !== undefined);
}

export class ForeignHolder {
  readonly #greeted: Greeted;
  readonly #lists: PromiseWithResolvers<HeldSession[]>[];

  private constructor(greeted: Greeted, lists: PromiseWithResolvers<HeldSession[]>[]) {
    this.#greeted = greeted;
    this.#lists = lists;
  }

  static async find(dataFolder: string, major: number): Promise<ForeignHolder | undefined> {
    const card = readCard(placeOf(dataFolder, major));
    if (card === undefined) return undefined;
    const lists: PromiseWithResolvers<HeldSession[]>[] = [];
    const greeted = await greet(card, {
      frame(tag, body) {
        if (tag === TO_SERVER.sessions) lists.shift()?.resolve(JSON.parse(body.toString()) as HeldSession[]);
      },
      closed() {
        for (const list of lists.splice(0)) list.resolve([]);
      },
    });
    return greeted === undefined ? undefined : new ForeignHolder(greeted, lists);
  }

  get major(): number {
    return this.#greeted.welcome.major;
  }

  /** Version of the program that it is: the one to start to go on with its sessions. */
  get program(): string {
    return this.#greeted.welcome.program;
  }

  get pid(): number {
    return this.#greeted.welcome.pid;
  }

  list(): Promise<HeldSession[]> {
    const list = Promise.withResolvers<HeldSession[]>();
    this.#lists.push(list);
    this.#greeted.link.send(frame(TO_HOLDER.list));
    return list.promise;
  }

  /** Forgets an ended session, with what of its output is not logged; a living one stays. */
  release(id: string): void {
    this.#greeted.link.send(frame(TO_HOLDER.release, idBytes(id)));
  }

  /** Ends all of its programs: for somebody who was asked. Resolves when none lives. */
  async stopAll(): Promise<void> {
    this.#greeted.link.send(frame(TO_HOLDER.stopAll));
    await noneLives(() => this.list());
  }

  dispose(): void {
    this.#greeted.link.close();
  }
}
