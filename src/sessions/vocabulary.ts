// The types of events that a log may hold, and what each carries: the vocabulary of history,
// for the API's own description. Readers ignore types that they do not know.

/** Of every kind of session. */
const ALL = {
  input: 'stdin { client, bytes, text | base64 | redacted: true }',
  output: 'stdout or stderr: bytes, as { text } or { base64 }; on system what this program writes between',
  resize: 'system { cols, rows, client? }',
  attach: 'system { client, name, mode, away? }: away where nobody could see it',
  detach: 'system { client, name, mode, reason? }',
  status: 'system { status, reason?, exitCode?, signal? }',
  error: 'system { code, message }',
  gap: 'system { bytes, reason }: what could not be stored',
  seen: 'system { client }: a person has seen how it stands',
} as const;

const TERMINAL = {
  title: 'system { title }',
  bell: 'system {}',
  cwd: 'system { path }',
  command: 'system { phase, line?, exit?, of, at, nth?, folded?, foldedFailed? }',
  call: 'system { why: bell | ended, detail }: it called while nobody looked',
} as const;

const CLAUDE = {
  prompt: 'stdin { prompt, text, images?: [{ attachment, mimeType }], resources?: [{ path }], client, retold? }: it goes to the agent',
  queued: 'stdin, as prompt: it waits, or was changed while it waits',
  unqueued: 'system { prompt, client }: it was taken back',
  cancel: 'stdin { prompt, client }',
  message: 'stdout { text, message? } or { content, message? }',
  thought: 'stdout, as message',
  tool: 'stdout { toolCallId, title?, name?, kind?, status?, content?, locations?, rawInput?, rawOutput? }: fields that are there replace those before',
  plan: 'stdout { entries: [{ content, priority, status }] }',
  permission: 'stdout { permission, process, request, toolCall, options: [{ optionId, name, kind }] }',
  decision: 'system { permission, outcome: selected | cancelled | interrupted, optionId, by, name, kind? }',
  question: 'stdout { question, process, request, form }',
  answer: 'system { question, outcome, optionId: accept | decline | null, by, name, content? }',
  usage: 'stdout { used?, size?, cost?: { amount, currency } }',
  agent: 'system { process, name, version, agentSessionId, how: new | resumed | loaded | forked, lost?, can }: the agent has begun',
  config: 'system { options, changed, client?, begins? }: what is set',
  commands: 'system { commands: [{ name, description, hint }] }',
  notice: 'stdout or system { severity, title, description? }',
  compaction: 'stdout { id, status, error? }',
  file: 'system { op: write, path, bytes }: the agent wrote it through this program',
  terminal: 'system { terminal, bytesMax }: a session that the agent opened',
  awaits: 'system { request, params }: the agent waits for the end of its terminal',
  awaited: 'system { request }',
  stop: 'system { prompt, reason }: the turn is over',
} as const;

const lines = (types: Record<string, string>): string => Object.entries(types).map(([type, words]) => `- \`${type}\`: ${words}`).join('\n');

/** In Markdown. */
export const EVENT_TYPES_WORDS = [
  'What an event carries, by type, with the channel. Of every kind of session:', lines(ALL),
  'Of terminals:', lines(TERMINAL),
  'Of conversations with agents:', lines(CLAUDE),
].join('\n\n');

/** Those that a conversation's log may hold. */
export const CONVERSATION_EVENT_TYPES: ReadonlySet<string> = new Set([...Object.keys(ALL), ...Object.keys(CLAUDE)]);
