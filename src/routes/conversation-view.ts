// What the page of a conversation is made of: from its transcript, its session and its agent.

import { sessionRules, workspaceRules } from '../agent/rules.ts';
import type { Item, Transcript } from '../agent/transcript.ts';
import { limits } from '../limits.ts';
import { isLive } from '../sessions/session.ts';
import type { ConversationView } from '../views/conversation.tsx';
import { conversationSession } from './agents.ts';
import { lookOf } from './page-answer.ts';
import type { Parts } from './parts.ts';

export interface Wanted {
  /** Only items that changed after this sequence. */
  after?: number | undefined;
  /** Only items before this one. */
  before?: number | undefined;
  /** Beside others in a page of theirs. */
  tile?: boolean | undefined;
}

interface Returned {
  typed?: string;
  problem?: string;
}

/** @throws AppError not_found, conflict */
export async function conversationView(parts: Parts, request: Request, id: string, wanted: Wanted, { typed = '', problem }: Returned = {}): Promise<ConversationView> {
  const session = conversationSession(parts, id);
  const transcript = await parts.conversations.transcripts.get(id);
  const workspace = parts.workspaces.get(session.workspaceId);
  const agent = parts.conversations.agents(workspace.metadata).find((one) => one.id === session.meta.agent);
  const live = isLive(session.status);
  const { items, earlier } = pick(transcript, wanted);
  const last = lastFailure(transcript);
  const suffix = wanted.tile === true ? `-${id}` : '';
  return {
    session,
    suffix,
    workspace,
    items,
    earlier,
    head: transcript.head,
    usage: transcript.usage,
    unseen: parts.conversations.inbox.has(id),
    rules: sessionRules(transcript),
    workspaceRules: session.meta.agent === 'claude' ? workspaceRules(parts.conversations.policyOf(workspace)) : [],
    queue: transcript.queue,
    config: transcript.config,
    label: agent?.label ?? 'the agent',
    live,
    signIn: last?.code === 'unauthorized' ? (agent?.signIn ?? null) : null,
    install: session.status === 'error' && last?.code !== 'unauthorized' ? (agent?.install ?? null) : null,
    missing: agent?.problem ?? null,
    told: last !== undefined && last.text === session.statusReason,
    takesPictures: transcript.can?.image !== false,
    canFork: transcript.can?.fork === true && typeof session.meta.agentSessionId === 'string',
    typed,
    problem,
    context: {
      sessionId: id,
      suffix,
      workspaceId: workspace.id,
      folder: workspace.path,
      live,
      devices: new Map(parts.auth.devices().map((device) => [device.id, device.name])),
      here: parts.gate.caller(request).identity?.deviceId ?? null,
    },
    look: lookOf(parts),
  };
}

function pick(transcript: Transcript, { after, before }: Wanted): { items: Item[]; earlier: number | undefined } {
  if (after !== undefined) return { items: transcript.changedAfter(after), earlier: undefined };
  const all = before === undefined ? transcript.items : transcript.items.filter(({ sequence }) => sequence < before);
  const items = all.slice(-limits.transcriptItems);
  return { items, earlier: all.length > items.length ? items[0]?.sequence : undefined };
}

/** What failed, where that is the last word of the conversation. */
function lastFailure({ items }: Transcript): { text: string; code: string | undefined } | undefined {
  const last = items.findLast((item) => item.is !== 'note' || item.tone === 'bad');
  return last?.is === 'note' ? last : undefined;
}
