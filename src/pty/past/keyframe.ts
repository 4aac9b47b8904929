// A keyframe: a screen as it is kept for looking at the past, with little above it, so that it is
// small and soon made again.

import { limits } from '../../limits.ts';
import type { StoredSnapshot } from '../screen/protocol.ts';
import type { Screen } from '../screen/screen.ts';

/** The screen as a keyframe. */
export function keyframeOf(screen: Screen, sequence: number): StoredSnapshot {
  const { vt, ...snapshot } = screen.snapshot(limits.keyframeScrollback, limits.keyframeBytesMax);
  return { ...snapshot, sequence, vt: Bun.zstdCompressSync(vt) };
}
