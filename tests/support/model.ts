// A Messages API on loopback that says what a test tells it: the model of the real Claude, as
// far as its program can tell.

type Json = Record<string, any>; // What the program sends is what tests look into.

export type Block = { type: 'text'; text: string } | { type: 'tool_use'; name: string; input: object };

export interface ModelRequest {
  body: Json;
  /** Of the last thing that a person said. */
  said: string;
  /** What tools answered after that, in order. */
  results: Json[];
}

/** Blocks to answer with; a status with an error's type; or how many words to say before the stream is cut. */
export type Answer = Block[] | { status: number; error: string } | { cutAfter: string };

export interface Model {
  url: string;
  /** Every request of a conversation, in order. */
  requests: ModelRequest[];
  /** What it answers from now on. */
  answer(script: (request: ModelRequest) => Answer | Promise<Answer>): void;
  stop(): void;
}

const encoder = new TextEncoder();
const event = (type: string, data: object): Uint8Array => encoder.encode(`event: ${type}\ndata: ${JSON.stringify({ type, ...data })}\n\n`);

export function startModel(): Model {
  const requests: ModelRequest[] = [];
  let script: (request: ModelRequest) => Answer | Promise<Answer> = () => [{ type: 'text', text: 'Hello.' }];
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    idleTimeout: 0,
    async fetch(request) {
      if (new URL(request.url).pathname !== '/v1/messages') return Response.json({}, { status: 404 });
      const body = (await request.json()) as Json;
      // Beside the conversation it has titles made.
      if ((body.tools ?? []).length === 0) return streamed(body, [{ type: 'text', text: 'A title' }], 0);
      const asked = read(body);
      requests.push(asked);
      const answer = await script(asked);
      if (Array.isArray(answer)) return streamed(asked.body, answer, requests.length);
      if ('cutAfter' in answer) return cut(asked.body, answer.cutAfter, requests.length);
      return Response.json({ type: 'error', error: { type: answer.error, message: answer.error } }, { status: answer.status });
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    requests,
    answer(next) {
      script = next;
    },
    stop: () => void server.stop(true),
  };
}

/** Environment of the real program, so that it speaks to nobody else. */
export const claudeEnvironment = (model: Model, configFolder: string): Record<string, string> => ({
  ANTHROPIC_BASE_URL: model.url,
  ANTHROPIC_API_KEY: 'sk-ant-test',
  CLAUDE_CONFIG_DIR: configFolder,
  HOME: configFolder,
  CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
  CLAUDE_CODE_MAX_RETRIES: '0',
  DISABLE_TELEMETRY: '1',
  DISABLE_AUTOUPDATER: '1',
  IS_SANDBOX: '1',
});

function read(body: Json): ModelRequest {
  let said = '';
  let results: Json[] = [];
  for (const { role, content } of body.messages as Json[]) {
    if (role !== 'user') continue;
    const blocks: Json[] = typeof content === 'string' ? [{ type: 'text', text: content }] : content;
    const words = blocks.filter(({ type, text }) => type === 'text' && !String(text).startsWith('<system-reminder>')).map(({ text }) => text);
    results.push(...blocks.filter(({ type }) => type === 'tool_result'));
    if (words.length > 0 && !blocks.some(({ type }) => type === 'tool_result')) {
      said = words.join('\n');
      results = [];
    }
  }
  return { body, said, results };
}

const start = (body: Json, count: number): Uint8Array =>
  event('message_start', {
    message: { id: `msg_${count}`, type: 'message', role: 'assistant', model: body.model, content: [], stop_reason: null, stop_sequence: null, usage: { input_tokens: 10, output_tokens: 1 } },
  });

function streamed(body: Json, blocks: Block[], count: number): Response {
  const parts = [start(body, count)];
  for (const [index, block] of blocks.entries()) {
    const tool = block.type === 'tool_use';
    parts.push(event('content_block_start', { index, content_block: tool ? { type: 'tool_use', id: `toolu_${count}_${index}`, name: block.name, input: {} } : { type: 'text', text: '' } }));
    const deltas = tool ? [{ type: 'input_json_delta', partial_json: JSON.stringify(block.input) }] : (block.text.match(/.{1,24}/gs) ?? []).map((text) => ({ type: 'text_delta', text }));
    for (const delta of deltas) parts.push(event('content_block_delta', { index, delta }));
    parts.push(event('content_block_stop', { index }));
  }
  const reason = blocks.some(({ type }) => type === 'tool_use') ? 'tool_use' : 'end_turn';
  parts.push(event('message_delta', { delta: { stop_reason: reason, stop_sequence: null }, usage: { output_tokens: 20 } }), event('message_stop', {}));
  return new Response(Buffer.concat(parts), { headers: { 'content-type': 'text/event-stream' } });
}

function cut(body: Json, text: string, count: number): Response {
  const parts = [
    start(body, count),
    event('content_block_start', { index: 0, content_block: { type: 'text', text: '' } }),
    event('content_block_delta', { index: 0, delta: { type: 'text_delta', text } }),
  ];
  return new Response(Buffer.concat(parts), { headers: { 'content-type': 'text/event-stream' } });
}
