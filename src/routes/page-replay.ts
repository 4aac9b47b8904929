// The page of a moment of the past, for every kind of session that can be looked at again.

import { Elysia, t } from 'elysia';
import { Transcript } from '../agent/transcript.ts';
import { AppError, invalid } from '../errors.ts';
import { limits } from '../limits.ts';
import { type Mark, placeOf } from '../pty/past/protocol.ts';
import type { Session } from '../sessions/session.ts';
import { momentFragment, type Neighbour, replayPage, type ReplayMoment, type ReplayView } from '../views/replay.tsx';
import { conversationContent, documentContent, type DocumentMoment, screenContent } from '../views/replay-content.tsx';
import { html } from './html.ts';
import { HIDDEN, lookOf, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';
import { labelOf, MOMENT_QUERY, momentOf, type MomentQuery } from './replay.ts';

const PAGE_EVENTS = 500;

export function replayPageRoutes(parts: Parts) {
  return new Elysia().get(
    '/sessions/:id/replay',
    async ({ params, query, request }) => {
      const { id } = parts.sessions.get(params.id);
      if (query.at !== undefined) return Response.redirect(`/sessions/${id}/replay?t=${timeOf(query.at)}`, 303);
      const view = await replayView(parts, request, id, query);
      return html(wantsPart(request) ? momentFragment(view) : replayPage(view), 'gone' in view.moment ? 410 : 200);
    },
    { query: queryOf({ ...MOMENT_QUERY, at: t.Optional(t.String({ maxLength: limits.queryLengthMax })) }), ...HIDDEN },
  );
}

/** A form's local time, which is UTC as far as we know. @throws AppError invalid */
function timeOf(at: string): number {
  const time = Date.parse(/(Z|[+-]\d\d:?\d\d)$/.test(at) ? at : `${at}Z`);
  if (Number.isSafeInteger(time) && time >= 0) return time;
  throw invalid('at', 'Must be a time like 2026-01-31T14:30:00.');
}

async function replayView(parts: Parts, request: Request, id: string, wanted: MomentQuery): Promise<ReplayView> {
  const { past, sessions, settings, workspaces } = parts;
  const session = sessions.get(id);
  const workspace = workspaces.get(session.workspaceId);
  const frame = { session, workspace, settings: settings.effective('terminal', workspace.metadata), look: lookOf(parts) };
  try {
    const sequence = await momentOf(parts, id, wanted, request.signal);
    const moment = await shownAt(parts, request, session, sequence);
    const { before, after } = await past.ask(id, { what: 'beside', sequence }, request.signal);
    return { ...frame, moment, before: neighbour(before), after: neighbour(after) };
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== 'gone') throw error;
    return { ...frame, moment: { gone: error.message, kept: error.detail.kept?.sequence }, before: undefined, after: undefined };
  }
}

const neighbour = (mark: Mark | undefined): Neighbour | undefined => mark && { sequence: placeOf(mark).sequence, label: labelOf(mark) };

async function shownAt(parts: Parts, request: Request, session: Session, sequence: number): Promise<ReplayMoment> {
  const { id, currentSequence: head, firstSequence } = session;
  if (session.kind === 'terminal') {
    const { shown, moment } = await parts.past.ask(id, { what: 'html', sequence }, request.signal);
    return { ...moment, head, content: screenContent(shown) };
  }
  if (sequence < firstSequence) throw new AppError('gone', 'That part of the history was pruned.', { kept: { sequence: firstSequence, since: session.created } });
  if (session.kind === 'fileEditor') return { sequence, timestamp: timeAt(parts, id, sequence), head, content: documentContent(id, documentAt(parts, id, sequence)) };
  const { transcript, timestamp } = await transcriptAt(parts, id, sequence);
  const items = transcript.items.slice(-limits.transcriptItems);
  const context = {
    sessionId: id,
    workspaceId: session.workspaceId,
    folder: parts.workspaces.get(session.workspaceId).path,
    live: false,
    devices: new Map(parts.auth.devices().map((device) => [device.id, device.name])),
    here: null,
  };
  return { sequence, timestamp, head, content: conversationContent(items, transcript.items.length - items.length, context) };
}

function timeAt({ sessions }: Parts, id: string, sequence: number): number {
  return sessions.read(id, { after: sequence - 1, upTo: sequence, limit: 1 }).events[0]?.timestamp ?? 0;
}

const DOCUMENT_WORDS: Record<string, string> = { open: 'opened', change: 'edited', save: 'saved', conflict: 'in conflict with its file', close: 'closed' };

/** The document that something last happened to, with its text of then. */
function documentAt({ editors, sessions }: Parts, id: string, sequence: number): DocumentMoment | undefined {
  for (let upTo = sequence; upTo > 0; upTo -= PAGE_EVENTS) {
    const { events } = sessions.read(id, { after: Math.max(0, upTo - PAGE_EVENTS), upTo, limit: PAGE_EVENTS });
    const last = events.findLast(({ data }) => !(data instanceof Uint8Array) && typeof data.path === 'string');
    if (last === undefined || last.data instanceof Uint8Array) continue;
    const path = String(last.data.path);
    const { text, version } = editors.past.textAt(id, path, { sequence });
    const shown = text.sliceString(0, limits.replayTextLength, '\n');
    return { path, version, text: shown, left: Math.max(0, text.length - shown.length), what: DOCUMENT_WORDS[last.type] ?? last.type };
  }
  return undefined;
}

/** The conversation as it was right after an event, read in pieces so that nobody waits for it. */
async function transcriptAt({ sessions }: Parts, id: string, sequence: number): Promise<{ transcript: Transcript; timestamp: number }> {
  const transcript = new Transcript();
  let timestamp = 0;
  for (let after = 0; after < sequence; ) {
    const { events, examined } = sessions.read(id, { after, upTo: sequence, limit: PAGE_EVENTS, bytesMax: limits.recordingPageBytes });
    for (const event of events) transcript.apply(event);
    timestamp = events.at(-1)?.timestamp ?? timestamp;
    if (examined <= after) break;
    after = examined;
    await new Promise((resolve) => setImmediate(resolve));
  }
  return { transcript, timestamp };
}
