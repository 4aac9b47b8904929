// What all pages of git share: the frame, the branch with where it stands against its remote,
// and the exchange with that remote while it goes on and after.

import { Html } from '@elysiajs/html';
import type { Exchange } from '../git/exchanges.ts';
import type { Branch, Status } from '../git/status.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { layout, type Look } from './layout.tsx';
import { plain } from './text.tsx';
import { ago } from './time.tsx';

export type Place = 'changes' | 'log' | 'branches' | 'worktrees';

export interface HeadView {
  workspace: Workspace;
  branch: Branch | null;
  exchange: Exchange | null;
  changed: number;
  look: Look;
  /** What did not work, where the page is shown again for it. */
  problem?: string | undefined;
}

/** The frame that all pages of git share. */
export function gitPage(view: HeadView, place: Place, title: string, children: JSX.Element): JSX.Element {
  const { workspace } = view;
  return layout({
    title: `${title} · Dispatch`,
    current: 'workspaces',
    ...view.look,
    styles: ['conversation.css', 'changes.css'],
    scripts: ['changes.js'],
    children: (
      <main class="page page-changes" data-changes={workspace.id}>
        {gitHead(view) as 'safe'}
        {view.problem === undefined ? '' : <div class="alert alert-error" role="alert"><p class="pre-line" safe>{plain(view.problem)}</p></div> as 'safe'}
        {placesNav(view, place) as 'safe'}
        {children as 'safe'}
      </main>
    ),
  });
}

function placesNav({ workspace: { id }, changed }: HeadView, place: Place): JSX.Element {
  const at = `/workspaces/${id}/changes`;
  const link = (name: Place, label: string, href: string): JSX.Element => <a href={href} aria-current={name === place ? 'page' : undefined} safe>{label}</a>;
  return (
    <nav class="tabs changes-tabs" aria-label="Git">
      {link('changes', changed === 0 ? 'Changes' : `Changes ${changed}`, at) as 'safe'}
      {link('log', 'Log', `${at}/log`) as 'safe'}
      {link('branches', 'Branches', `${at}/branches`) as 'safe'}
      {link('worktrees', 'Worktrees', `${at}/worktrees`) as 'safe'}
    </nav>
  );
}

/** Branch, what it is ahead and behind, and the exchange with its remote. */
export function gitHead(view: HeadView): JSX.Element {
  const { workspace, branch, exchange } = view;
  const working = exchange?.state === 'working';
  return (
    <div id="changes-head" class="changes-head">
      <p class="crumb"><a href="/workspaces">Workspaces</a> / <a href={`/workspaces/${workspace.id}`} class="isolate" safe>{plain(workspace.name)}</a></p>
      <div class="changes-title">
        <h1>Changes</h1>
        {branch === null ? '' : branchWords(workspace.id, branch) as 'safe'}
        {branch === null ? '' : (
          <div class="cluster changes-remote">
            {remoteForm(workspace.id, 'fetch', 'Fetch', working) as 'safe'}
            {remoteForm(workspace.id, 'pull', branch.behind ? `Pull ${branch.behind}` : 'Pull', working) as 'safe'}
            {remoteForm(workspace.id, 'push', branch.ahead ? `Push ${branch.ahead}` : 'Push', working) as 'safe'}
            {remoteMore(workspace.id) as 'safe'}
          </div>
        ) as 'safe'}
      </div>
      {exchangeView(workspace.id, exchange) as 'safe'}
    </div>
  );
}

function branchWords(id: string, { name, commit, upstream, ahead, behind }: Branch): JSX.Element {
  const level = upstream === null ? 'not pushed yet' : ahead === null ? `${upstream} is gone` : ahead === 0 && behind === 0 ? `level with ${upstream}` : `${ahead} ahead, ${behind} behind ${upstream}`;
  return (
    <p class="branch">
      <a href={`/workspaces/${id}/changes/branches`} class="mono isolate" title="Switch to another branch" safe>{name === null ? `no branch, at ${(commit ?? '').slice(0, 8)}` : plain(name)}</a>
      <span class="muted small isolate" safe>{plain(level)}</span>
    </p>
  );
}

function remoteForm(id: string, action: string, label: string, disabled: boolean): JSX.Element {
  const url = `/workspaces/${id}/changes/${action}`;
  return (
    <form method="post" action={url} hx-post={url} hx-swap="none" hx-disable="find button">
      <button class="button" disabled={disabled} safe>{label}</button>
    </form>
  );
}

function remoteMore(id: string): JSX.Element {
  const choices = [['pull', 'how', 'rebase', 'Pull, with ours on top of theirs (rebase)'], ['pull', 'how', 'merge', 'Pull and merge'], ['push', 'force', 'true', 'Push in the place of what is there (force with lease)']] as const;
  return (
    <details class="git-more" id="remote-more">
      <summary class="button button-quiet" aria-label="More ways to pull and push" title="More ways to pull and push">⋯</summary>
      <div class="git-more-body panel">
        {choices.map(([action, name, value, label]) => (
          <form method="post" action={`/workspaces/${id}/changes/${action}`} hx-post={`/workspaces/${id}/changes/${action}`} hx-swap="none">
            <input type="hidden" name={name} value={value} />
            <button class="button button-quiet">{label}</button>
          </form>
        ))}
      </div>
    </details>
  );
}

/** What went well is said for a minute, what did not for ten. */
const SAID_MS = { working: Infinity, failed: 600_000, done: 60_000, cancelled: 60_000 } as const;
const isPast = ({ ended, state }: Exchange): boolean => ended !== null && Date.now() - Date.parse(ended) > SAID_MS[state];

/** Git's own advice, where ours says what it comes to here. */
const withoutHints = (output: string): string => output.split('\n').filter((line) => !/^(remote: )?hint: ?/.test(line)).join('\n');

const EXCHANGE_WORDS: Readonly<Record<Exchange['state'], string>> = { working: 'under way', done: 'done', failed: 'failed', cancelled: 'cancelled' };

export function exchangeView(id: string, exchange: Exchange | null): JSX.Element {
  if (exchange === null || isPast(exchange)) return <div id="exchange"></div>;
  const { kind, state, output, advice, started } = exchange;
  const at = `/workspaces/${id}/changes`;
  const look = state === 'working' ? { 'hx-get': `${at}/exchange`, 'hx-trigger': 'every 1s', 'hx-swap': 'outerMorph' } : {};
  const tone = state === 'failed' ? 'alert alert-error' : state === 'done' ? 'alert alert-good' : 'alert';
  return (
    <div id="exchange" class={`${tone} exchange`} role="status" {...look}>
      <div class="cluster">
        <strong class={state === 'working' ? 'spin' : ''} safe>{`${kind === 'push' ? 'Push' : kind === 'pull' ? 'Pull' : 'Fetch'} ${EXCHANGE_WORDS[state]}`}</strong>
        <span class="small">{ago(started) as 'safe'}</span>
        <form method="post" action={`${at}/cancel`} hx-post={`${at}/cancel`} hx-swap="none" class="end"><button class="button button-small">{state === 'working' ? 'Cancel' : 'Close'}</button></form>
      </div>
      {advice === null ? '' : <p safe>{advice}</p> as 'safe'}
      {output === '' ? '' : (
        <details id="exchange-output" open={state === 'failed' || state === 'working'}>
          <summary>What git said</summary>
          <pre class="exchange-output" safe>{plain(advice === null ? output : withoutHints(output))}</pre>
        </details>
      ) as 'safe'}
    </div>
  );
}

/** In a few words, for the page of the workspace. */
export function summaryWords({ branch, files }: Status): JSX.Element {
  const { name, ahead, behind } = branch;
  const words = [name ?? 'no branch', files.length === 0 ? '' : `${files.length} changed`, ahead ? `${ahead} ahead` : '', behind ? `${behind} behind` : ''];
  return <span class="isolate" safe>{plain(words.filter((word) => word !== '').join(' · '))}</span>;
}
