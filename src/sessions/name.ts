// What a session may be called.

import { invalid } from '../errors.ts';
import { limits } from '../limits.ts';

/** 1–100 characters on one line. @throws AppError invalid */
export function checkedName(name: string): string {
  const trimmed = name.trim();
  if (trimmed.length === 0 || [...trimmed].length > limits.sessionNameLengthMax || /\p{Cc}/u.test(trimmed)) {
    throw invalid('name', `A name has 1 to ${limits.sessionNameLengthMax} characters and no control characters.`);
  }
  return trimmed;
}
