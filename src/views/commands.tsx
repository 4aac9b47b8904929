// The commands of a terminal as a list, newest first: what, where, how it ended and how long it
// took. The same fragment is the page, the panel beside the terminal, and each refresh of it.

import { Html } from '@elysiajs/html';
import type { Command } from '../pty/past/commands.ts';
import type { Session } from '../sessions/session.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { layout, type Look } from './layout.tsx';
import { exactly, hasUnseen, plain, typed } from './text.tsx';
import { ago } from './time.tsx';

export interface CommandsView {
  session: Session;
  workspace: Workspace;
  look: Look;
  /** Oldest first. */
  commands: readonly Command[];
  hasMore: boolean;
  failed: boolean;
  /** Whether these are older ones than the newest. */
  before: number | undefined;
  live: boolean;
  /** Whether shells that start now tell of their commands. */
  integrated: boolean;
  /** Why a command was not run again. */
  problem?: string;
}

export function commandsPage(view: CommandsView): JSX.Element {
  const { session, workspace, look } = view;
  return layout({
    ...look,
    title: plain(`Commands of ${session.name} · ${workspace.name} · Dispatch`),
    current: 'workspaces',
    styles: ['commands.css'],
    scripts: ['commands.js'],
    children: (
      <main class="page">
        <div class="page-head">
          <div>
            <p class="crumb"><a href={`/workspaces/${workspace.id}`} safe>{plain(workspace.name)}</a> / <a href={`/sessions/${session.id}`} safe>{plain(session.name)}</a></p>
            <h1>Commands</h1>
          </div>
          <div class="cluster">
            <a class="button" href={`/sessions/${session.id}/replay`}>Replay</a>
            <a class="button" href={`/sessions/${session.id}`}>Terminal</a>
          </div>
        </div>
        {commandsFragment(view) as 'safe'}
      </main>
    ),
  });
}

export function commandsFragment(view: CommandsView): JSX.Element {
  const { session, commands, failed, before, hasMore, problem } = view;
  const [oldest] = commands;
  const query = failed ? '&failed=1' : '';
  return (
    <section id="commands" class="commands" aria-label="Commands" data-session={session.id}>
      <form method="get" action={`/sessions/${session.id}/commands`} class="commands-filter" data-filter>
        <label class="check"><input type="checkbox" name="failed" value="1" checked={failed} /> <span>Only what failed</span></label>
        <button class="button">Show</button>
      </form>
      {problem === undefined ? '' : <div class="alert alert-warn" role="alert"><p safe>{problem}</p></div> as 'safe'}
      <p class="commands-told" data-told role="status"></p>
      {before === undefined ? '' : <p><a href={`/sessions/${session.id}/commands?${failed ? 'failed=1' : ''}`} data-page>Newest</a></p> as 'safe'}
      {commands.length === 0 ? empty(view) as 'safe' : (
        <ol class="command-list">{commands.toReversed().map((command) => entry(view, command))}</ol>
      ) as 'safe'}
      {hasMore && oldest !== undefined ? (
        <p><a class="button" href={`/sessions/${session.id}/commands?before=${oldest.sequence}${query}`} data-page>Earlier</a></p>
      ) as 'safe' : ''}
    </section>
  );
}

function empty({ failed, integrated, before, live }: CommandsView): JSX.Element {
  if (failed) return <p class="muted">None of the commands that are known failed.</p>;
  if (before !== undefined) return <p class="muted">There are no earlier ones.</p>;
  return (
    <div class="empty">
      <h3>No commands are known yet</h3>
      <p class="muted" safe>{noneWords(integrated, live)}</p>
      {integrated ? '' : <a class="button" href="/settings#terminal">Turn it on in the settings</a> as 'safe'}
    </div>
  );
}

function noneWords(integrated: boolean, live: boolean): string {
  if (!integrated) return 'Terminals can list each command with its folder, its end and its output. For that, shells have to be asked to tell of them.';
  if (!live) return 'Its program told of none. In a terminal that is started now, bash, zsh and fish tell of each.';
  return 'Type one at the prompt of bash, zsh or fish, and it stands here with its folder, its end and its output. Other programs do not tell of theirs.';
}

function entry({ session, workspace, live }: CommandsView, command: Command): JSX.Element {
  const { sequence, line, cwd, started, folded, outputFrom } = command;
  const output = `/api/sessions/${session.id}/commands/${sequence}/output`;
  const canRun = live && line !== null && !/[\n\t]/.test(line);
  return (
    <>
      <li class="command" id={`c${sequence}`} data-sequence={String(sequence)}>
        <code class="command-line">{exactly(line ?? 'a command that the shell did not tell') as 'safe'}</code>
        <p class="command-facts">
          {outcome(command, live) as 'safe'}
          <span class="figure" safe>{duration(command)}</span>
          {ago(new Date(started).toISOString()) as 'safe'}
          {cwd === null || cwd === workspace.path ? '' : <span class="path command-folder" title={typed(plain(cwd))} safe>{plain(within(workspace.path, cwd))}</span> as 'safe'}
        </p>
        <div class="command-actions">
          <a href={`/sessions/${session.id}/replay?sequence=${outputFrom}`}>Replay</a>
          <a href={output} data-copy-output><span class="needs-script">Copy output</span><span class="without-script">Output</span></a>
          {canRun ? (
            <details class="command-again">
              <summary>Run again…</summary>
              <form method="post" action={`/sessions/${session.id}/commands/${sequence}/run`} data-again>
                {hasUnseen(line) ? <p class="hint">This line has characters that do not show, or that show others in another order. They stand above by their numbers, such as U+202E: read it before you run it.</p> : ''}
                <button class="button">Type it at the prompt, and Enter</button>
              </form>
            </details>
          ) as 'safe' : ''}
        </div>
      </li>
      {folded === 0 ? '' : <li class="command-folded" safe>{foldedWords(command)}</li> as 'safe'}
    </>
  );
}

function outcome({ ended, exit }: Command, live: boolean): JSX.Element {
  if (ended === null && !live) return <span class="badge" title="The terminal ended before it did">cut off</span>;
  if (ended === null) return <span class="state state-working"><span class="lamp lamp-working" aria-hidden="true"></span>running</span>;
  if (exit === null) return <span class="badge">ended</span>;
  if (exit === 0) return <span class="badge badge-accent">ok</span>;
  return <span class="badge badge-bad" safe>{`exit ${exit}`}</span>;
}

/** As seen from the workspace. */
function within(folder: string, path: string): string {
  return path.startsWith(`${folder}/`) ? `./${path.slice(folder.length + 1)}` : path;
}

function foldedWords({ folded, foldedFailed }: Command): string {
  const what = folded === 1 ? '1 quick command before it was' : `${folded} quick commands before it were`;
  const failed = foldedFailed === 0 ? '' : `; ${foldedFailed} of them failed`;
  return `${what} not recorded one by one${failed}.`;
}

/** Output is gathered for a few milliseconds: shorter is not told apart. */
const SHORT = 10;
const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;

function duration({ started, ended }: Command): string {
  if (ended === null) return '';
  const ms = ended - started;
  if (ms < SHORT) return `under ${SHORT} ms`;
  if (ms < SECOND) return `${ms} ms`;
  if (ms < MINUTE) return `${(ms / SECOND).toFixed(1)} s`;
  if (ms < HOUR) return `${Math.floor(ms / MINUTE)} min ${Math.round((ms % MINUTE) / SECOND)} s`;
  return `${Math.floor(ms / HOUR)} h ${Math.round((ms % HOUR) / MINUTE)} min`;
}
