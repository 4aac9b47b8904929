// What documents look like in the API: the schemas behind /api/openapi.json.

import { t } from 'elysia';
import { limits } from '../limits.ts';
import { oneOf } from './one-of.ts';
import { ClientName } from './session-schema.ts';

const closed = { additionalProperties: false } as const;
const TextOrNull = t.Union([t.String(), t.Null()]);
export const VersionNumber = t.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER });
const Path = t.String({ minLength: 1, maxLength: limits.pathBytesMax });
/** SHA-256 of the file that the caller saw, in hex; null: there was none. */
const Hash = t.Union([t.String({ pattern: '^[0-9a-f]{64}$' }), t.Null()]);
const ClientId = t.String({ minLength: 1, maxLength: limits.clientIdLengthMax });
const Position = t.Integer({ minimum: 0, maximum: limits.documentBytesMax });

export const DocumentSchema = t.Object({
  path: t.String(),
  version: t.Integer(),
  dirty: t.Boolean(),
  conflict: t.Union([t.Object({ reason: oneOf(['changed', 'gone', 'unreadable']), hash: TextOrNull, detail: TextOrNull }), t.Null()]),
  hash: TextOrNull,
  bom: t.Boolean(),
  lineEnding: oneOf(['lf', 'crlf', 'kept']),
  lines: t.Integer(),
  characters: t.Integer(),
});

const CaretSchema = t.Object({
  clientID: t.String(),
  client: t.String(),
  name: t.String(),
  version: t.Integer(),
  ranges: t.Array(t.Tuple([t.Integer(), t.Integer()])),
});

/** `changes` as CodeMirror writes a ChangeSet: a number keeps so many characters, `[n, ...lines]` puts lines in the place of n. */
const UpdateSchema = t.Object({ clientID: t.String(), changes: t.Array(t.Unknown()) });

export const DocumentsSchema = t.Object({ documents: t.Array(DocumentSchema) });
export const OpenedSchema = t.Object({ document: DocumentSchema, text: t.String(), carets: t.Array(CaretSchema) });
export const ChangesSchema = t.Object({
  path: t.String(),
  version: t.Integer(),
  updates: t.Array(UpdateSchema),
  more: t.Boolean(),
  document: DocumentSchema,
  carets: t.Array(CaretSchema),
});
export const TextSchema = t.Object({ path: t.String(), version: t.Integer(), sequence: t.Integer(), text: t.String() });
export const TheirsSchema = t.Object({ path: t.String(), hash: TextOrNull, text: TextOrNull, detail: TextOrNull });

export const PathQuery = { path: Path };
export const PathBody = t.Object({ path: Path }, closed);
export const CloseBody = t.Object({ path: Path, discard: t.Optional(t.Boolean()) }, closed);
export const PushBody = t.Object(
  {
    path: Path,
    version: VersionNumber,
    updates: t.Array(t.Object({ clientID: ClientId, changes: t.Array(t.Unknown()) }, closed), { minItems: 1, maxItems: limits.changesPerPushMax }),
  },
  closed,
);
export const ResolveBody = t.Object(
  { path: Path, take: oneOf(['mine', 'theirs', 'merge']), hash: Hash, version: t.Optional(VersionNumber), text: t.Optional(t.String()) },
  closed,
);
export const CaretBody = t.Object(
  {
    path: Path,
    clientID: ClientId,
    version: VersionNumber,
    name: t.Optional(ClientName),
    /** `[anchor, head]`, the main one first; none where the page leaves. */
    ranges: t.Array(t.Tuple([Position, Position]), { maxItems: limits.caretRangesMax }),
  },
  closed,
);
