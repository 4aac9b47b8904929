// Messages of commits as any program may write them: they are read at once, whatever is in them.

import { expect, test } from 'bun:test';
import { logOf } from '../../src/git/commits.ts';
import { Reading } from '../../src/git/reading.ts';
import { GIT_ENVIRONMENT, Repository } from '../support/repository.ts';

test('a message of a million blanks is read like any other', async () => {
  const repository = new Repository();
  try {
    const blanks = ' '.repeat(1_000_000);
    repository.write('.git/message', `a${blanks}b\n  c \n \nthe body\n\nits end\n`);
    repository.git('commit', '-q', '--allow-empty', '--cleanup=verbatim', '--file=.git/message');
    const reading = new Reading({ folder: repository.folder, environment: GIT_ENVIRONMENT });
    const [commit] = (await logOf(reading, { limit: 1, offset: 0 })).commits;
    expect(commit?.subject === `a${blanks}b c`).toBe(true);
    expect(commit?.body).toBe('the body\n\nits end');
  } finally {
    repository.remove();
  }
});
