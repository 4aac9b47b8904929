// The same tests as of terminals in the server's own process, once more with their programs in a
// holder: what is promised of a terminal does not depend on who keeps it.

import { expect, test } from 'bun:test';
import { join } from 'node:path';

const TREE = join(import.meta.dir, '../..');

test.each(['stream', 'stream-lead'])('with a holder, all that %s.test.ts says is true as well', async (name) => {
  const run = Bun.spawn([process.execPath, 'test', '--timeout', '30000', `tests/pty/${name}.test.ts`], {
    cwd: TREE,
    env: { ...process.env, DISPATCH_TEST_HOLDER: '1' },
    stdout: 'ignore',
    stderr: 'pipe',
  });
  const text = await new Response(run.stderr).text();
  expect((await run.exited) === 0 ? 'all pass' : text).toBe('all pass');
  expect(Number(/(\d+) pass/.exec(text)?.[1])).toBeGreaterThan(5);
}, 60_000);
