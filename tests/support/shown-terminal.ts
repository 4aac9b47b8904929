// A command in a real terminal of its own, and what a person would see in it.

import { Screen } from '../../src/pty/screen/screen.ts';
import { FROM_SOURCE } from './program.ts';
import { until } from './until.ts';

export class ShownTerminal {
  readonly process: Bun.Subprocess;
  readonly #screen: Screen;
  #raw = '';
  #sequence = 0;

  constructor(args: readonly string[], environment: Record<string, string>, winsize = { cols: 80, rows: 24 }, command: readonly string[] = FROM_SOURCE) {
    // As a person's terminal: it answers what it is asked.
    this.#screen = new Screen({ winsize, scrollback: 100, answer: (bytes) => this.type(bytes) });
    const { PATH = '' } = process.env;
    this.process = Bun.spawn([...command, ...args], {
      env: { PATH, TERM: 'xterm-256color', ...environment },
      terminal: {
        ...winsize,
        data: (_, bytes) => {
          this.#raw += Buffer.from(bytes).toString();
          this.#screen.take({ sequence: (this.#sequence += 1), type: 'output', data: bytes.slice() });
        },
      },
    });
  }

  get text(): string {
    return this.#screen.text();
  }

  get html(): string {
    return this.#screen.html();
  }

  /** All that it was ever sent. */
  get raw(): string {
    return this.#raw;
  }

  get core() {
    return this.#screen.emulator.core;
  }

  type(text: string): void {
    this.process.terminal?.write(text);
  }

  resize(cols: number, rows: number): void {
    this.#screen.emulator.terminal.resize(cols, rows);
    this.process.terminal?.resize(cols, rows);
  }

  sees(text: string, deadlineMs?: number): Promise<boolean> {
    return until(() => `${JSON.stringify(text)} in:\n${this.text}`, () => this.text.includes(text), deadlineMs);
  }

  seesNot(text: string): Promise<boolean> {
    return until(() => `the end of ${JSON.stringify(text)} in:\n${this.text}`, () => !this.text.includes(text));
  }

  /** With its end and all that it printed. */
  async ended(): Promise<{ exitCode: number; text: string }> {
    const exitCode = await this.process.exited;
    return { exitCode, text: this.text };
  }

  dispose(): void {
    this.process.kill('SIGKILL');
    this.process.terminal?.close();
    this.#screen.dispose();
  }
}
