// The text of a conversation for the search: what was said, thought, planned, asked and done,
// each with the event that it began with, which is where its place on the page is.

import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import type { Line, TextReader } from '../search/text-reader.ts';
import type { LogEvent } from '../sessions/event.ts';
import { objectIn, objectsIn, textIn } from './read.ts';

/** Text that is still being told, or may be told anew. */
interface Piece extends Omit<Line, 'text'> {
  text: string;
  /** Of a message: which one. */
  message?: string | undefined;
}

/** A tool call: reports of it add to each other, and the last of each field counts. */
interface ToolPiece extends Piece {
  call: JsonObject;
  /** It ended: only what it has not said yet is taken. */
  isOver: boolean;
}

interface State {
  said: Piece | null;
  plan: Piece | null;
  tools: [string, ToolPiece][];
}

export class ConversationText implements TextReader {
  #lines: Line[] = [];
  #said: Piece | null;
  #plan: Piece | null;
  readonly #tools: Map<string, ToolPiece>;

  constructor({ conversation }: JsonObject) {
    const state = isJsonObject(conversation) ? (conversation as unknown as State) : undefined;
    this.#said = state?.said ?? null;
    this.#plan = state?.plan ?? null;
    this.#tools = new Map(state?.tools);
  }

  take(event: LogEvent): void {
    const { type, data } = event;
    if (data instanceof Uint8Array) {
      if (type === 'output') this.#whole(event, Buffer.from(data.buffer, data.byteOffset, data.byteLength).toString('utf8'));
      return;
    }
    switch (type) {
      case 'message':
      case 'thought':
        return this.#say(event, data);
      case 'prompt':
        return this.#whole(event, textIn(data.text));
      case 'tool':
        return this.#tool(event, textIn(data.toolCallId) ?? '', data);
      case 'permission':
      case 'question':
        return this.#asked(event, data);
      case 'answer':
        return this.#whole(event, textsIn(data.content ?? null).join('\n'));
      case 'plan':
        this.#plan = { ...(this.#plan ?? momentOf(event)), text: objectsIn(data.entries).map(({ content }) => textIn(content) ?? '').join('\n') };
        return;
      case 'file':
        return this.#whole(event, textIn(data.path));
      case 'notice':
        return this.#whole(event, [data.title, data.description].flatMap((text) => textIn(text) ?? []).join('\n'));
      case 'error':
        return this.#whole(event, textIn(data.message));
      case 'stop':
      case 'status':
        return this.#over();
    }
  }

  settled(): Line[] {
    const lines = this.#lines;
    this.#lines = [];
    return lines;
  }

  open(): Line[] {
    const pieces = [this.#said, this.#plan, ...[...this.#tools.values()].filter(({ isOver }) => !isOver)];
    return pieces.flatMap((piece) => (piece === null ? [] : linesOf(piece)));
  }

  state(): JsonObject {
    const state: State = { said: this.#said, plan: this.#plan, tools: [...this.#tools] };
    return { conversation: JSON.parse(JSON.stringify(state)) as JsonObject };
  }

  dispose(): void {
    this.#tools.clear();
  }

  /** A message comes in parts, which belong together until something else is said. */
  #say(event: LogEvent, data: JsonObject): void {
    const text = textIn(data.text) ?? textIn(objectIn(data.content ?? null)?.text) ?? '';
    const message = textIn(data.message);
    if (this.#said?.type === event.type && this.#said.message === message) {
      this.#said.text += text;
      return;
    }
    this.#endSaid();
    this.#said = { ...momentOf(event), text, message };
  }

  #tool(event: LogEvent, id: string, data: JsonObject): void {
    let tool = this.#tools.get(id);
    if (tool === undefined) {
      this.#endSaid();
      tool = { ...momentOf(event), text: '', call: {}, isOver: false };
      this.#tools.set(id, tool);
      this.#forgetOldTools();
    }
    const said = new Set(tool.isOver ? tool.text.split('\n') : []);
    Object.assign(tool.call, data);
    tool.text = callText(tool.call);
    const hasEnded = data.status === 'completed' || data.status === 'failed';
    if (tool.isOver) this.#lines.push(...linesOf(tool).filter(({ text }) => !said.has(text)));
    else if (hasEnded) this.#endTool(tool);
  }

  /** A permission is asked in the card of its tool. */
  #asked(event: LogEvent, data: JsonObject): void {
    const call = objectIn(data.toolCall ?? null);
    const id = textIn(call?.toolCallId);
    if (call !== undefined && id !== undefined && this.#tools.has(id)) return this.#tool(event, id, call);
    const question = ['message', 'title', 'question'].flatMap((field) => textIn(data[field]) ?? []);
    this.#whole(event, [...question, ...(call === undefined ? [] : [callText(call)])].join('\n'));
  }

  #whole(event: LogEvent, text: string | undefined): void {
    if (text === undefined || text.trim() === '') return;
    this.#endSaid();
    this.#lines.push(...linesOf({ ...momentOf(event), text }));
  }

  #endSaid(): void {
    if (this.#said !== null) this.#lines.push(...linesOf(this.#said));
    this.#said = null;
  }

  #endTool(tool: ToolPiece): void {
    tool.isOver = true;
    this.#lines.push(...linesOf(tool));
  }

  #over(): void {
    this.#endSaid();
    if (this.#plan !== null) this.#lines.push(...linesOf(this.#plan));
    this.#plan = null;
    for (const tool of this.#tools.values()) if (!tool.isOver) this.#endTool(tool);
  }

  #forgetOldTools(): void {
    for (const [id, tool] of this.#tools) {
      if (this.#tools.size <= limits.searchToolsKept) return;
      if (!tool.isOver) this.#endTool(tool);
      this.#tools.delete(id);
    }
  }
}

function momentOf({ sequence, timestamp, channel, type }: LogEvent): Piece {
  return { sequence, timestamp, channel, type, text: '' };
}

function linesOf({ text, sequence, timestamp, channel, type }: Piece): Line[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '')
    .map((line) => ({ text: line, sequence, timestamp, channel, type }));
}

/** Title, what it was given, the files that it touches, what it shows, both sides of its edits. */
function callText(call: JsonObject): string {
  const lines = [textIn(call.title), ...objectsIn(call.locations).map(({ path }) => textIn(path)), ...textsIn(call.rawInput ?? null)];
  for (const content of objectsIn(call.content)) {
    lines.push(textIn(content.path), textIn(content.text), textIn(content.name), textIn(content.uri));
    const after = textIn(content.after) ?? '';
    const kept = new Set(after.split('\n'));
    lines.push(after, ...(textIn(content.before) ?? '').split('\n').filter((line) => !kept.has(line)));
  }
  const seen = new Set<string>();
  for (const text of lines) for (const line of (text ?? '').split('\n')) seen.add(line);
  return [...seen].join('\n');
}

/** Every text in it, however deep; it is bounded where it was recorded. */
function textsIn(value: JsonValue): string[] {
  if (typeof value === 'string') return [value];
  if (value === null || typeof value !== 'object') return [];
  return Object.values(value).flatMap(textsIn);
}
