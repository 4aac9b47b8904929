// Wires the conversations: their kind, what their agents get of this server (files, terminals,
// an environment), and where their pictures are.

import { join } from 'node:path';
import { version } from '../package.json';
import { type Agent, agentsOf } from './agent/agents.ts';
import { Attachments } from './agent/attachments.ts';
import type { FilePolicy } from './agent/files.ts';
import { AgentKind } from './agent/kind.ts';
import { openPipe, type Pipes } from './agent/pipe.ts';
import type { Terminals, TerminalState } from './agent/serving.ts';
import { Transcripts } from './agent/transcripts.ts';
import type { Changes } from './changes.ts';
import { AppError } from './errors.ts';
import { isJsonObject, type JsonObject } from './json.ts';
import { limits } from './limits.ts';
import { endMembers } from './pty/ending.ts';
import { childEnvironment } from './pty/environment.ts';
import type { Holding } from './pty/holding.ts';
import { Inbox } from './sessions/inbox.ts';
import { isLive } from './sessions/session.ts';
import type { Sessions } from './sessions/sessions.ts';
import type { Settings } from './settings/settings.ts';
import type { PathPolicy } from './workspaces/path-policy.ts';
import type { Workspace } from './workspaces/workspace.ts';

export interface ConversationsParts {
  dataFolder: string;
  settings: Settings;
  policy: PathPolicy;
  changes: Changes;
  environment: Record<string, string | undefined>;
  sessions: () => Sessions;
  holding: Holding;
  report: (line: string) => void;
}

export interface Conversations {
  kind: AgentKind;
  attachments: Attachments;
  transcripts: Transcripts;
  inbox: Inbox;
  /** What may be reached in a workspace. */
  policyOf: (workspace: Workspace) => FilePolicy;
  /** As they are in a workspace; without one, as the settings say. */
  agents: (metadata: JsonObject) => Agent[];
  /** To be called once, when the sessions are there. */
  begin(): void;
  dispose(): void;
}

export function openConversations(parts: ConversationsParts): Conversations {
  const { dataFolder, settings, policy, changes, environment, sessions, holding, report } = parts;
  const attachments = new Attachments(join(dataFolder, 'attachments'));
  const environmentOf = (runId: string, workspace: Workspace, more: Record<string, string>): Record<string, string> =>
    childEnvironment(runId, environment, textsOf(workspace.metadata.env), more);
  const agents = (metadata: JsonObject): Agent[] => {
    const path = childEnvironment('', environment, textsOf(metadata.env)).PATH ?? '';
    return agentsOf(settings.effective('agents', metadata), path);
  };
  const inbox = new Inbox({ sessions, changes });
  const kind = new AgentKind({
    version,
    agents: ({ metadata }) => agents(metadata),
    environment: environmentOf,
    pipes: pipesOf(holding),
    end: endMembers,
    insideWorkspace: (folder, candidate) => policy.inside(folder, candidate),
    terminals: (workspace) => terminalsOf(sessions(), inbox, workspace),
    attachments,
    announce: (name, id) => changes.announce(name, id),
    report,
  });
  const transcripts = new Transcripts((id) => sessions().log(id));
  const unlisten = changes.listen((name, id) => {
    if (name === 'workspaces') attachments.sweep(isKnown);
    if (name === 'sessions' && !isKnown(id)) attachments.remove(id);
  });
  const isKnown = (id: string): boolean => {
    try {
      return sessions().get(id).id === id;
    } catch {
      return false;
    }
  };
  return {
    kind,
    attachments,
    transcripts,
    inbox,
    agents,
    policyOf: ({ path }) => ({ inside: (candidate) => policy.inside(path, candidate) }),
    begin() {
      attachments.sweep(isKnown);
      void inbox.recall();
    },
    dispose() {
      unlisten();
      inbox.dispose();
      transcripts.dispose();
    },
  };
}

/** Agents live where terminals' programs do: in the holder, or in this process. */
const pipesOf = (holding: Holding): Pipes => ({
  start: async (runId, launch) => (await holding.startPiped(runId, launch)) ?? openPipe(launch),
  adopt: (runId, offset) => holding.adopt(runId, offset),
});

/** Terminals of an agent are sessions of its workspace. */
function terminalsOf(sessions: Sessions, inbox: Inbox, workspace: Workspace): Terminals {
  return {
    async create(meta, name) {
      const line = name.replace(/\p{Cc}+/gu, ' ').trim().slice(0, limits.sessionNameLengthMax);
      const given = { ...meta };
      const { id, status, statusReason } = await sessions.create({ workspaceId: workspace.id, kind: 'terminal', name: line, meta: given });
      inbox.ignore(id); // The agent waits for it, nobody else.
      if (status === 'error') throw new AppError('invalid', statusReason ?? 'The program could not be started.');
      return id;
    },
    claim: (id) => inbox.ignore(id),
    state: (id, bytesMax) => stateOf(sessions, id, bytesMax),
    async ended(id) {
      if (!isLive(sessions.get(id).status)) return;
      await sessions.program(id).exited;
    },
    async stop(id) {
      await sessions.stop(id);
    },
  };
}

const WINDOW_EVENTS = 64;

/** The end of what a terminal printed, as text: no colours, no carriage returns. */
function stateOf(sessions: Sessions, id: string, bytesMax: number): TerminalState {
  const { status, exitCode, exitSignal, currentSequence } = sessions.get(id);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  let upTo = currentSequence;
  for (; upTo > 0 && bytes < bytesMax; upTo -= WINDOW_EVENTS) {
    const after = Math.max(0, upTo - WINDOW_EVENTS);
    const { events } = sessions.read(id, { after, upTo, limit: WINDOW_EVENTS, type: 'output', channel: 'stdout' });
    for (const { data } of events.toReversed()) {
      if (!(data instanceof Uint8Array)) continue;
      parts.unshift(data);
      bytes += data.byteLength;
    }
  }
  const printed = Bun.stripANSI(Buffer.concat(parts).toString('utf8')).replaceAll('\r\n', '\n');
  const cut = Buffer.from(printed);
  const output = cut.byteLength <= bytesMax ? printed : cut.subarray(cut.byteLength - bytesMax).toString('utf8').replace(/^\ufffd+/, '');
  const exit = isLive(status) ? null : { exitCode, signal: exitSignal };
  return { output, truncated: upTo > 0 || cut.byteLength > bytesMax, exit };
}

function textsOf(value: unknown): Record<string, string> {
  if (typeof value !== 'object' || value === null || !isJsonObject(value as JsonObject)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}
