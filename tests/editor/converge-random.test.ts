// Three devices type and save in one document over a bad network, while a program rewrites the
// file: in the end all have one text, no acknowledged edit is lost, and nothing was overwritten
// that nobody had seen.

import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test';
import { readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hashOf } from '../../src/editor/format.ts';
import { Dice, seedOf } from '../support/dice.ts';
import { type Ask, type DocumentServer, EditingDevice, startDocumentServer } from '../support/documents.ts';
import { until } from '../support/until.ts';

setDefaultTimeout(60_000);

const ROUNDS = 3;
const STEPS = 120;
const PATH = 'shared.txt';

let server: DocumentServer;

beforeAll(async () => {
  server = await startDocumentServer();
});

afterAll(() => server.stop());

class Lost extends Error {}

/** One device with its network, and what it was promised. */
class Person {
  readonly acknowledged: string[] = [];
  readonly device: EditingDevice;
  readonly #dice: Dice;
  readonly #name: string;
  #typed: string[] = [];
  #count = 0;
  away = false;

  constructor(name: string, ask: Ask, dice: Dice) {
    this.#name = name;
    this.#dice = dice;
    this.device = new EditingDevice(async (path, body) => {
      if (this.away || dice.chance(0.12)) throw new Lost();
      await Bun.sleep(dice.below(6));
      const answer = await ask(path, body);
      await Bun.sleep(dice.below(6));
      if (this.away || dice.chance(0.12)) throw new Lost();
      return answer;
    }, PATH);
  }

  /** A word that comes once in all, somewhere; now and then something goes. */
  type(): void {
    const { doc } = this.device.state;
    const word = `<${this.#name}${(this.#count += 1)}>`;
    const from = this.#dice.below(doc.length + 1);
    const to = this.#dice.chance(0.2) ? Math.min(doc.length, from + this.#dice.below(6)) : from;
    this.device.type({ changes: { from, to, insert: this.#dice.chance(0.3) ? `${word}\n` : word } });
    this.#typed.push(word);
  }

  async exchange(): Promise<void> {
    try {
      if (await this.device.push()) this.acknowledged.push(...this.#typed.splice(0));
      await this.device.pull();
      if (this.device.unsent === 0) this.acknowledged.push(...this.#typed.splice(0));
    } catch (error) {
      if (!(error instanceof Lost)) throw error;
    }
  }
}

test.each(Array.from({ length: ROUNDS }, (_, round) => [round]))('devices and the file come to one text, round %i', async (round) => {
  const dice = new Dice(`${seedOf('SEED_DOCUMENTS')}-${round}`);
  const file = server.file(PATH, 'begin\n');
  const id = await server.fileSession();
  const ask: Ask = (path, body) => (body === undefined ? server.api(`/api/sessions/${id}/${path}`) : server.act(id, path, body));
  const people = ['a', 'b', 'c'].map((name) => new Person(name, ask, new Dice(`${dice.roll()}`)));
  for (const [index, { device }] of people.entries()) await until('the document', () => device.open(`page-${index}`).then(() => true, () => false));

  /** What the program wrote, and what became of it before it wrote again. */
  const wrote: { hash: string; text: string; replaced: boolean }[] = [];
  const shown = new Set<string>();
  const rewrite = (): void => {
    const now = readFileSync(file, 'utf8');
    const last = wrote.at(-1);
    if (last !== undefined) last.replaced = now !== last.text;
    const lines = now.split('\n');
    lines.splice(dice.below(lines.length), dice.below(2), `program ${wrote.length}`);
    const text = lines.join('\n');
    if (dice.chance(0.5)) writeFileSync(file, text);
    else {
      writeFileSync(`${file}.new`, text);
      renameSync(`${file}.new`, file);
    }
    wrote.push({ hash: hashOf(Buffer.from(text)), text, replaced: false });
  };
  const resolve = async (): Promise<void> => {
    const { hash, text } = (await ask(`documents/theirs?path=${PATH}`)).body;
    shown.add(hash);
    const { document } = (await ask(`changes?path=${PATH}&version=0`)).body;
    const take = dice.pick(['mine', 'theirs', 'merge']);
    await ask('resolve', { path: PATH, take, hash, ...(take === 'merge' ? { version: document.version, text: `${text}merged\n` } : {}) });
  };
  const busy: Promise<unknown>[] = [];
  for (let step = 0; step < STEPS; step += 1) {
    const person = dice.pick(people);
    const what = dice.roll();
    if (what < 0.45) person.type();
    else if (what < 0.75) busy.push(person.exchange());
    else if (what < 0.8) person.away = !person.away;
    else if (what < 0.88) busy.push(ask('save', { path: PATH }));
    else if (what < 0.94) rewrite();
    else busy.push(resolve());
    if (dice.chance(0.5)) await Bun.sleep(dice.below(8));
    if (busy.length > 4) await busy.shift();
    // One device never has two requests under way, as a page has not.
    if (what >= 0.45 && what < 0.75) await Promise.all(busy.splice(0));
  }
  await Promise.all(busy);
  for (const person of people) person.away = false;
  await until('all to have one text', async () => {
    for (const person of people) await person.exchange();
    const now = (await ask(`documents/text?path=${PATH}`)).body.text;
    return people.every(({ device }) => device.unsent === 0 && device.text === now);
  });
  // Once nobody types, document and file come to one text too.
  await until('the document and its file to agree', async () => {
    if ((await ask('save', { path: PATH })).status === 409) await resolve();
    const [document] = (await ask('documents')).body.documents;
    return !document.dirty && document.conflict === null && (await ask(`documents/text?path=${PATH}`)).body.text === readFileSync(file, 'utf8');
  });

  const events = await server.events(id, 'change', 'save', 'conflict');
  const inserted = events.flatMap(({ data }) => (data.updates ?? []).filter(({ clientID }: any) => clientID !== 'server').map(({ changes }: any) => JSON.stringify(changes))).join('');
  for (const { acknowledged } of people) {
    expect(acknowledged.length).toBeGreaterThan(0);
    for (const word of acknowledged) expect([word, inserted.split(word).length - 1]).toEqual([word, 1]);
  }
  const known = new Set([...shown, ...events.map(({ data }) => data.hash)]);
  expect(wrote.filter(({ replaced, hash }) => replaced && !known.has(hash)).map(({ text }) => text)).toEqual([]);
  expect(wrote.length).toBeGreaterThan(0);
});
