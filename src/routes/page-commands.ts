// The commands of a terminal on a page, or in the panel beside it; and one of them again.

import { Elysia, t } from 'elysia';
import { AppError } from '../errors.ts';
import { isLive } from '../sessions/session.ts';
import { commandsFragment, commandsPage, type CommandsView } from '../views/commands.tsx';
import { callerClient } from './client.ts';
import { commandsOf } from './commands.ts';
import { html } from './html.ts';
import { oneOf } from './one-of.ts';
import { goTo, HIDDEN, lookOf, wantsPart } from './page-answer.ts';
import type { Parts } from './parts.ts';
import { queryOf } from './query.ts';

const SHOWN = 50;
const Sequence = t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const NOT_AT_PROMPT = 'The shell is not at its prompt: a command is typed only there. Wait until it is, then try again.';

interface PageQuery {
  before?: number | undefined;
  failed?: string | undefined;
}

export function commandPageRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/sessions/:id/commands',
      async ({ params, query, request }) => {
        const view = await commandsView(parts, request, params.id, query);
        return html(wantsPart(request) ? commandsFragment(view) : commandsPage(view));
      },
      { query: queryOf({ before: t.Optional(Sequence), failed: t.Optional(oneOf(['0', '1'])) }), ...HIDDEN },
    )
    .post(
      '/sessions/:id/commands/:sequence/run',
      async ({ params: { id, sequence }, request }) => {
        try {
          await runAgain(parts, id, sequence, callerClient(parts, request));
        } catch (error) {
          if (wantsPart(request) || !(error instanceof AppError) || error.code === 'not_found') throw error;
          return html(commandsPage({ ...(await commandsView(parts, request, id, {})), problem: error.message }), error.status);
        }
        return wantsPart(request) ? new Response(null, { status: 204 }) : goTo(request, `/sessions/${id}`);
      },
      { params: t.Object({ id: t.String(), sequence: Sequence }), ...HIDDEN },
    );
}

async function commandsView(parts: Parts, request: Request, id: string, { before, failed }: PageQuery): Promise<CommandsView> {
  const query = { after: 0, before: before ?? Number.MAX_SAFE_INTEGER, limit: SHOWN, failed: failed === '1' };
  const { commands, hasMore } = await commandsOf(parts, id, query, request.signal);
  const session = parts.sessions.get(id);
  const workspace = parts.workspaces.get(session.workspaceId);
  const { shellIntegration } = parts.settings.effective('terminal', workspace.metadata);
  return { session, workspace, look: lookOf(parts), commands, hasMore, failed: query.failed, before, live: isLive(session.status), integrated: shellIntegration };
}

/** Types the line and Enter, as a person would. @throws AppError not_found; conflict where nobody waits for a command */
async function runAgain(parts: Parts, id: string, sequence: number, client: string): Promise<void> {
  const { commands } = await commandsOf(parts, id, { after: sequence - 1, limit: 1, failed: false });
  const [command] = commands;
  if (command?.sequence !== sequence) throw new AppError('not_found', 'No command began with that event, or it is not kept.');
  const { line } = command;
  if (line === null || /[\n\t]/.test(line)) throw new AppError('conflict', 'Its line is not known for certain: type it by yourself.', { conflict: {} });
  const { state } = parts.sessions.program(id).activity();
  const mark = parts.sessions.latest(id, 'command');
  const phase = mark === undefined || mark.data instanceof Uint8Array ? undefined : mark.data.phase;
  if (state !== 'idle' || (phase !== 'input' && phase !== 'prompt')) throw new AppError('conflict', NOT_AT_PROMPT, { conflict: {} });
  const typed = parts.sessions.latest(id, 'input')?.sequence ?? 0;
  if (typed > (mark?.sequence ?? 0)) throw new AppError('conflict', 'Something was typed at the prompt: send it or clear it (Ctrl+C) first.', { conflict: {} });
  await parts.sessions.input(id, Buffer.from(`${line}\r`), client);
}
