// What a browser shows by itself when the server does not answer. It says what is true: the
// server cannot be reached from here; what it keeps goes on where it runs.

import { Html } from '@elysiajs/html';
import { layout } from './layout.tsx';

export function offlinePage(): JSX.Element {
  return layout({
    title: 'Not reached · Dispatch',
    scripts: ['offline.js'],
    children: (
      <main class="page page-narrow">
        <h1>Dispatch does not answer</h1>
        <p>
          The machine is off, its server is stopped or restarting, or this device has no way to it. Nothing is lost by
          that: while the machine runs, sessions go on, and what they print is kept.
        </p>
        <p>This page goes on by itself to what you asked for as soon as there is an answer.</p>
        <p class="muted small" id="offline-state" role="status"></p>
        <p><a class="button" href="">Try now</a></p>
      </main>
    ),
  });
}
