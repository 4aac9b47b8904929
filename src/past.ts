// Wires the past to the program: its thread, and where the screens that it makes on the way are
// kept. One that cannot be kept is made anew when it is needed.

import { Worker } from 'node:worker_threads';
import type { Keyframes } from './db/keyframes.ts';
import { Past } from './pty/past/past.ts';

export interface PastParts {
  dataFolder: string;
  keyframes: Keyframes;
  report: (line: string) => void;
}

export function openPast({ dataFolder, keyframes, report }: PastParts): Past {
  return new Past({
    spawn: () => new Worker(new URL('./past-worker.ts', import.meta.url), { workerData: { dataFolder } }),
    onKeyframe: (runId, keyframe) => {
      try {
        keyframes.save(runId, keyframe);
      } catch (error) {
        report(`keyframes: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    report,
  });
}
