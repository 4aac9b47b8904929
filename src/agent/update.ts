// What an agent tells of its turn (ACP `session/update`), as what our log keeps of it: only
// fields that we know, bounded, with pictures put aside.

import type { JsonObject, JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import { cutText, lineIn, numberIn, objectIn, objectsIn, present, smallJson, textIn } from './read.ts';

/** Keeps a picture's bytes (base64). @returns its id, or null where it is none that we keep */
export type KeepImage = (base64: string, mimeType: string) => string | null;

export type Reading =
  | { what: 'text'; type: 'message' | 'thought'; text: string; message: string | undefined }
  | { what: 'tool'; id: string; first: boolean; data: JsonObject }
  /** Stands for all before it of the same type: only the last of a moment is kept. */
  | { what: 'state'; type: 'plan' | 'usage'; data: JsonObject }
  | { what: 'event'; type: string; data: JsonObject }
  | { what: 'config'; options: JsonValue }
  | { what: 'mode'; mode: string }
  | { what: 'commands'; commands: JsonObject[] }
  | { what: 'title'; title: string }
  /** What a person said, as a loaded conversation tells it again. */
  | { what: 'said'; text: string };

export function readUpdate(update: JsonObject, keepImage: KeepImage): Reading[] {
  switch (update.sessionUpdate) {
    case 'agent_message_chunk':
      return chunk('message', update, keepImage);
    case 'agent_thought_chunk':
      return chunk('thought', update, keepImage);
    case 'user_message_chunk':
      return [{ what: 'said', text: textIn(objectIn(update.content)?.text) ?? '' }];
    case 'tool_call':
    case 'tool_call_update':
      return tool(update, keepImage);
    case 'plan':
      return [{ what: 'state', type: 'plan', data: { entries: planEntries(update.entries) } }];
    case 'usage_update':
      return [{ what: 'state', type: 'usage', data: usage(update) }];
    case 'available_commands_update':
      return [{ what: 'commands', commands: commands(update.availableCommands) }];
    case 'current_mode_update':
      return typeof update.currentModeId === 'string' ? [{ what: 'mode', mode: update.currentModeId }] : [];
    case 'config_option_update':
      return [{ what: 'config', options: update.configOptions ?? null }];
    case 'session_info_update':
      return typeof update.title === 'string' ? [{ what: 'title', title: update.title }] : [];
    case 'notice':
      return [{ what: 'event', type: 'notice', data: notice(update) }];
    case 'compaction_update':
      return [{ what: 'event', type: 'compaction', data: present({ id: lineIn(update.compactionId), status: lineIn(update.status), error: lineIn(update.error) }) }];
    default:
      return [];
  }
}

/** What a tool call shows: of its first report, an update or a permission request. */
export function toolCall(call: JsonObject, keepImage: KeepImage): JsonObject {
  const { rawInput, rawOutput } = call;
  return present({
    toolCallId: lineIn(call.toolCallId),
    title: lineIn(call.title),
    name: lineIn(call.name),
    kind: lineIn(call.kind),
    status: lineIn(call.status),
    content: Array.isArray(call.content) ? toolContent(call.content, keepImage) : undefined,
    locations: Array.isArray(call.locations) ? objectsIn(call.locations).slice(0, limits.agentListMax).map(location) : undefined,
    rawInput: rawInput === undefined || rawInput === null ? undefined : smallJson(rawInput),
    rawOutput: rawOutput === undefined || rawOutput === null ? undefined : smallJson(rawOutput),
  });
}

function chunk(type: 'message' | 'thought', update: JsonObject, keepImage: KeepImage): Reading[] {
  const block = objectIn(update.content);
  if (block === undefined) return [];
  const text = textIn(block.text);
  if (block.type === 'text' && text !== undefined) return [{ what: 'text', type, text, message: lineIn(update.messageId) }];
  const shown = content(block, keepImage);
  return shown === undefined ? [] : [{ what: 'event', type, data: present({ content: shown, message: lineIn(update.messageId) }) }];
}

function tool(update: JsonObject, keepImage: KeepImage): Reading[] {
  const id = lineIn(update.toolCallId);
  if (id === undefined) return [];
  return [{ what: 'tool', id, first: update.sessionUpdate === 'tool_call', data: toolCall(update, keepImage) }];
}

function toolContent(list: JsonValue[], keepImage: KeepImage): JsonObject[] {
  return objectsIn(list)
    .slice(0, limits.agentListMax)
    .flatMap((item) => {
      if (item.type === 'diff') return [diff(item)];
      if (item.type === 'terminal') return [present({ type: 'terminal', terminal: lineIn(item.terminalId) })];
      const shown = content(objectIn(item.content) ?? {}, keepImage);
      return shown === undefined ? [] : [shown];
    });
}

function diff(item: JsonObject): JsonObject {
  const path = textIn(item.path) ?? '';
  const before = textIn(item.oldText) ?? null;
  const after = textIn(item.newText) ?? '';
  if ((before ?? '').length + after.length > limits.agentDiffLengthMax) return { type: 'diff', path, tooLong: true };
  return { type: 'diff', path, before, after };
}

/** A content block of ACP, without what pages have no use for. */
function content(block: JsonObject, keepImage: KeepImage): JsonObject | undefined {
  switch (block.type) {
    case 'text':
      return { type: 'text', ...cutText(textIn(block.text) ?? '') };
    case 'image': {
      const mimeType = textIn(block.mimeType) ?? '';
      const image = keepImage(textIn(block.data) ?? '', mimeType);
      return image === null ? { type: 'text', text: `[a picture of type ${mimeType.slice(0, 40)} that is not shown]` } : { type: 'image', image, mimeType };
    }
    case 'resource_link':
      return present({ type: 'link', uri: textIn(block.uri)?.slice(0, limits.pathBytesMax), name: lineIn(block.name) });
    case 'resource': {
      const resource = objectIn(block.resource) ?? {};
      return { type: 'text', ...cutText(textIn(resource.text) ?? ''), ...present({ uri: textIn(resource.uri)?.slice(0, limits.pathBytesMax) }) };
    }
    default:
      return undefined;
  }
}

function location(item: JsonObject): JsonObject {
  return present({ path: textIn(item.path)?.slice(0, limits.pathBytesMax), line: numberIn(item.line) });
}

function planEntries(value: JsonValue | undefined): JsonObject[] {
  return objectsIn(value)
    .slice(0, limits.agentListMax)
    .map((entry) => present({ content: lineIn(entry.content, limits.agentReasonLengthMax) ?? '', priority: lineIn(entry.priority), status: lineIn(entry.status) }));
}

function usage(update: JsonObject): JsonObject {
  const cost = objectIn(update.cost);
  const amount = numberIn(cost?.amount);
  return present({
    used: numberIn(update.used),
    size: numberIn(update.size),
    cost: amount === undefined ? undefined : { amount, currency: lineIn(cost?.currency, 8) ?? '' },
  });
}

function commands(value: JsonValue | undefined): JsonObject[] {
  return objectsIn(value)
    .slice(0, limits.agentListMax)
    .flatMap((command) => {
      const name = lineIn(command.name, 100);
      if (name === undefined || name === '') return [];
      return [present({ name, description: lineIn(command.description), hint: lineIn(objectIn(command.input)?.hint) })];
    });
}

function notice(update: JsonObject): JsonObject {
  return present({
    severity: lineIn(update.severity, 20),
    title: lineIn(update.title),
    description: lineIn(update.description, limits.agentReasonLengthMax),
  });
}
