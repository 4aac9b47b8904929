// A server as a process of its own, to be killed and started again over programs that live on.

import { mkdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FROM_SOURCE, type RunningProgram, startProgram } from './program.ts';
import { endHolder, temporaryFolder, TEST_KEY } from './server.ts';
import { until } from './until.ts';

const NUMBERED = resolve(import.meta.dir, '../fixtures/numbered.ts');

/** A program that prints `count` numbered lines of 64 bytes. */
export const numbered = (count: number, perSecond: number): string[] => [process.execPath, NUMBERED, String(count), String(perSecond)];

/** The numbers of its lines, in their order. */
export const numbersIn = (text: string): number[] =>
  text
    .split('\r\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.slice(0, 9)));

export class Survivor {
  readonly folder = temporaryFolder();
  readonly key = TEST_KEY;
  readonly dataFolder: string;
  #program: RunningProgram | undefined;
  #port = '0';
  #workspace: Promise<{ id: string }> | undefined;

  /** @param disk where the data is to lie, instead of beside the workspace */
  constructor(disk?: string) {
    this.dataFolder = join(disk ?? this.folder, 'data');
  }

  get program(): RunningProgram {
    if (this.#program === undefined) throw new Error('No server was started');
    return this.#program;
  }

  get url(): string {
    return this.program.url;
  }

  /** On the same port each time, as pages expect it. */
  async start(command: readonly string[] = FROM_SOURCE, more: Record<string, string> = {}): Promise<void> {
    const root = join(this.folder, 'root');
    mkdirSync(root, { recursive: true });
    const environment = { DISPATCH_DATA: this.dataFolder, DISPATCH_ROOTS: root, DISPATCH_KEY: this.key, PORT: this.#port, HOME: this.folder, ...more };
    this.#program = await startProgram(command, environment);
    this.#port = new URL(this.url).port;
  }

  kill(): Promise<number | null> {
    return this.program.end('SIGKILL');
  }

  api(path: string, method = 'GET', body?: unknown): Promise<any> {
    return this.program.api(path, { method, ...(body === undefined ? {} : { body }) });
  }

  async terminal(command: string[], meta: object = {}): Promise<string> {
    this.#workspace ??= this.api('/api/workspaces', 'POST', { path: join(this.folder, 'root') });
    const body = { workspaceId: (await this.#workspace).id, kind: 'terminal', meta: { command, ...meta } };
    return (await this.api('/api/sessions', 'POST', body)).id;
  }

  type(id: string, text: string): Promise<unknown> {
    return this.api(`/api/sessions/${id}/input`, 'POST', { text });
  }

  /** What a session shows now. */
  async screen(id: string): Promise<string> {
    const response = await fetch(`${this.url}/api/sessions/${id}/screen?format=text`, { headers: { authorization: `Bearer ${this.key}` } });
    return response.text();
  }

  /** The whole log of a session. @throws where a sequence is missing or comes twice */
  async events(id: string): Promise<any[]> {
    const all: any[] = [];
    for (let after = 0, more = true; more; ) {
      const page = await this.api(`/api/sessions/${id}/history?limit=1000&after=${after}`);
      for (const event of page.events) {
        if (event.sequence !== all.length + 1) throw new Error(`Sequence ${event.sequence} came after ${all.length}`);
        all.push(event);
      }
      after = page.nextSequence;
      more = page.hasMore;
    }
    return all;
  }

  /** All that a program printed. */
  async output(id: string): Promise<string> {
    const events = await this.events(id);
    return events.filter(({ type, channel }) => type === 'output' && channel === 'stdout').map(({ data }) => data.text ?? atob(data.base64)).join('');
  }

  async prints(id: string, text: string): Promise<void> {
    await until(`${JSON.stringify(text)}`, async () => (await this.output(id)).includes(text));
  }

  async ended(id: string, deadlineMs?: number): Promise<any> {
    const look = async () => {
      const session = await this.api(`/api/sessions/${id}`);
      return session.status === 'stopped' || session.status === 'error' ? session : undefined;
    };
    return until('the end', look, deadlineMs);
  }

  async dispose(): Promise<void> {
    await this.#program?.end('SIGKILL');
    await endHolder(this.dataFolder);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
