// Edits as they travel and as they are kept: CodeMirror's change sets with the id of the page
// that made them. What comes from outside is checked against the text that it is for.

import { ChangeSet, type Text } from '@codemirror/state';
import { invalid } from '../errors.ts';
import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

export interface Update {
  /** Of the page, or the server, that made it: a page knows its own by it. */
  clientID: string;
  changes: ChangeSet;
}

/** As ChangeSet.toJSON writes it: a number keeps so many characters, `[n, ...lines]` puts lines in the place of n. */
export type ChangesData = JsonValue[];

/** An update as JSON. */
export type UpdateData = { clientID: string; changes: ChangesData };

export const updateData = ({ clientID, changes }: Update): UpdateData => ({ clientID, changes: changes.toJSON() as ChangesData });

/** What the server itself makes is of this id. */
export const SERVER_CLIENT = 'server';

/** Updates of the log: what we wrote ourselves. */
export function loggedUpdates(data: JsonObject): Update[] {
  const { updates } = data;
  if (!Array.isArray(updates)) return [];
  return updates.filter(isJsonObject).map(({ clientID, changes }) => ({ clientID: String(clientID), changes: ChangeSet.fromJSON(changes) }));
}

/**
 * Updates that follow each other, the first one for `text`.
 * @returns them with the text that they lead to. @throws AppError invalid
 */
export function checkedUpdates(text: Text, given: readonly { clientID: string; changes: unknown }[]): { updates: Update[]; text: Text } {
  let now = text;
  const updates = given.map(({ clientID, changes: data }, index) => {
    const field = `updates.${index}.changes`;
    const changes = changeSetOf(data, field);
    if (changes.length !== now.length) {
      throw invalid(field, `Must be for a text of ${now.length} characters, not ${changes.length}.`);
    }
    changes.iterChanges((_from, _to, _at, _end, inserted) => {
      for (const line of inserted.iterLines()) if (!line.isWellFormed()) throw invalid(field, 'Must be Unicode text: half a character cannot be saved.');
    });
    now = changes.apply(now);
    return { clientID, changes };
  });
  return { updates, text: now };
}

function changeSetOf(data: unknown, field: string): ChangeSet {
  try {
    // Its own check is loose: a fraction, or a number below zero, would break the text.
    if (!Array.isArray(data) || !data.every(isPart)) throw new Error('not a list of parts');
    return ChangeSet.fromJSON(data);
  } catch {
    throw invalid(field, 'Must be a change set as CodeMirror writes it: [5, [1, "new"], 7].');
  }
}

function isPart(part: unknown): boolean {
  if (Array.isArray(part)) return isCount(part[0]) && part.slice(1).every((line) => typeof line === 'string' && !line.includes('\n'));
  return isCount(part);
}

const isCount = (value: unknown): boolean => Number.isSafeInteger(value) && Number(value) >= 0;
