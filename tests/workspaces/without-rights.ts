// Runs the path policy as a user without rights, for tests that root would pass: argv is the
// root, the data folder, `make` or `look`, and the path. Prints what came of it as JSON.

import { AppError } from '../../src/errors.ts';
import { PathPolicy } from '../../src/workspaces/path-policy.ts';

const [root = '', dataFolder = '', purpose = '', path = ''] = process.argv.slice(2);
const policy = new PathPolicy({ roots: [root], dataFolder });
const NOBODY = 65534;
if (process.getuid?.() === 0) process.setuid?.(NOBODY);

try {
  const trouble = policy.trouble(path);
  console.log(JSON.stringify({ path: policy.workspacePath(path, { create: purpose === 'make' }), trouble }));
} catch (error) {
  if (!(error instanceof AppError)) throw error;
  console.log(JSON.stringify({ code: error.code, message: error.message, trouble: policy.trouble(path) }));
}
