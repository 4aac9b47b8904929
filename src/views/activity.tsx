// What a session does, as a lamp with words: colour never stands alone.

import { Html } from '@elysiajs/html';
import type { Activity, ActivityState, Session } from '../sessions/session.ts';

export const STATE_WORDS: Record<ActivityState, string> = {
  starting: 'starting',
  working: 'working',
  needs_you: 'needs you',
  idle: 'idle',
  stopped: 'ended',
  error: 'failed',
};

export function lamp(state: ActivityState): JSX.Element {
  return <span class={`lamp lamp-${state}`} aria-hidden="true"></span>;
}

export function stateWords({ state }: Activity): JSX.Element {
  return (
    <span class={`state state-${state}`}>
      {lamp(state) as 'safe'}
      <span safe>{STATE_WORDS[state]}</span>
    </span>
  );
}

/** The live sessions of a workspace in one glance: a lamp each, then how many of which. */
export function activitySummary(live: readonly Session[]): JSX.Element {
  if (live.length === 0) return <span class="muted small">no live sessions</span>;
  const counts = new Map<ActivityState, number>();
  for (const { activity } of live) counts.set(activity.state, (counts.get(activity.state) ?? 0) + 1);
  const order: ActivityState[] = ['needs_you', 'working', 'starting', 'idle', 'error', 'stopped'];
  const words = order.flatMap((state) => (counts.has(state) ? [`${counts.get(state)} ${STATE_WORDS[state]}`] : []));
  const lamps = order.flatMap((state) => Array.from({ length: counts.get(state) ?? 0 }, () => state)).slice(0, 8);
  return (
    <span class="state">
      <span class="lamps">{lamps.map((state) => lamp(state))}</span>
      <span class="small figure" safe>{words.join(' · ')}</span>
    </span>
  );
}
