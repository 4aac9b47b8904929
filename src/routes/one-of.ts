// One of a few texts, as an enum that says so.

import { t } from 'elysia';

/** Elysia's own would fill in the first one where none is given. */
export function oneOf<const Value extends string>(values: readonly Value[]) {
  const schema = t.UnionEnum([values[0] as Value, ...values.slice(1)]);
  delete schema.default;
  return schema;
}
