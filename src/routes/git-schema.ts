// What git's answers and questions look like in the API.

import { t } from 'elysia';
import { limits } from '../limits.ts';
import { oneOf } from './one-of.ts';
import { queryOf } from './query.ts';

const closed = { additionalProperties: false } as const;
const Text = t.String();
const TextOrNull = t.Union([t.String(), t.Null()]);
const Count = t.Integer({ minimum: 0 });
const CountOrNull = t.Union([Count, t.Null()]);
const Time = t.String({ format: 'date-time' });
const CHANGES = ['added', 'modified', 'deleted', 'renamed', 'copied', 'retyped'] as const;
const Path = t.String({ minLength: 1, description: 'From the workspace down; bytes that are no UTF-8 as %XX.' });

const FileSchema = t.Object({
  path: Text,
  from: TextOrNull,
  staged: t.Union([oneOf(CHANGES), t.Null()]),
  unstaged: t.Union([oneOf([...CHANGES, 'untracked']), t.Null()]),
  conflict: TextOrNull,
  submodule: t.Boolean(),
  folder: t.Boolean(),
});

const RepositorySchema = t.Object({
  repository: t.Literal(true),
  branch: t.Object({ name: TextOrNull, commit: TextOrNull, upstream: TextOrNull, ahead: CountOrNull, behind: CountOrNull }),
  underway: t.Union([oneOf(['merge', 'rebase', 'cherry-pick', 'revert', 'bisect']), t.Null()]),
  part: Text,
  stagedElsewhere: Count,
  files: t.Array(FileSchema),
  counts: t.Object({ staged: Count, unstaged: Count, untracked: Count, conflicts: Count }),
  cut: t.Boolean(),
  version: Text,
});
const NoRepositorySchema = t.Object({
  repository: t.Literal(false),
  absence: oneOf(['none', 'unsafe', 'bare', 'elsewhere', 'unreadable']),
  message: Text,
});
export const StatusSchema = t.Union([RepositorySchema, NoRepositorySchema]);

const LineSchema = t.Object({
  is: oneOf(['came', 'went', 'stayed']),
  before: CountOrNull,
  after: CountOrNull,
  text: Text,
  marks: t.Array(t.Tuple([Count, Count])),
  open: t.Boolean(),
});
const FileDiffSchema = t.Object({
  path: Text,
  from: TextOrNull,
  change: oneOf([...CHANGES, 'untracked']),
  oldMode: Text,
  newMode: Text,
  binary: t.Boolean(),
  conflict: t.Boolean(),
  submodule: t.Boolean(),
  tooLong: t.Boolean(),
  came: Count,
  went: Count,
  id: Text,
  hunks: t.Array(
    t.Object({ id: Text, oldStart: Count, oldLines: Count, newStart: Count, newLines: Count, section: Text, lines: t.Array(LineSchema) }),
  ),
});
export const DiffSchema = t.Object({ files: t.Array(FileDiffSchema), cut: t.Boolean() });
export const DiffQuery = queryOf({
  sides: oneOf(['staged', 'unstaged', 'all']),
  path: t.Optional(Path),
});

export const CommitSchema = t.Object({
  hash: Text,
  parents: t.Array(Text),
  author: t.Object({ name: Text, email: Text }),
  committer: Text,
  authored: Time,
  committed: Time,
  refs: t.Array(Text),
  subject: Text,
  body: Text,
});
export const LogSchema = t.Object({ commits: t.Array(CommitSchema), hasMore: t.Boolean() });
export const LogQuery = queryOf({
  limit: t.Integer({ minimum: 1, maximum: limits.gitLogMax, default: limits.gitLogDefault }),
  offset: t.Integer({ minimum: 0, maximum: 10_000_000, default: 0 }),
  path: t.Optional(Path),
});
export const CommitDiffSchema = t.Object({ commit: CommitSchema, diff: DiffSchema });

export const BranchesSchema = t.Object({
  branches: t.Array(
    t.Object({ name: Text, remote: t.Boolean(), current: t.Boolean(), commit: Text, upstream: TextOrNull, track: Text, committed: Time, subject: Text, elsewhere: t.Boolean() }),
  ),
  cut: t.Boolean(),
});

export const WorktreeSchema = t.Object({
  path: Text,
  branch: TextOrNull,
  commit: TextOrNull,
  main: t.Boolean(),
  current: t.Boolean(),
  locked: t.Boolean(),
  gone: t.Boolean(),
  workspaceId: TextOrNull,
});
export const WorktreesSchema = t.Object({ worktrees: t.Array(WorktreeSchema) });
export const NewWorktreeBody = t.Object(
  {
    branch: Text,
    create: t.Optional(t.Boolean({ description: 'Make the branch, too.' })),
    start: t.Optional(Text),
    path: t.Optional(t.String({ description: 'Absolute; without it beside the repository.' })),
    open: t.Optional(t.Boolean({ description: 'As a workspace.' })),
  },
  closed,
);
export const WorktreeQuery = queryOf({ path: Text, force: t.Boolean({ default: false }) });

export const ExchangeSchema = t.Object({
  id: Text,
  kind: oneOf(['push', 'pull', 'fetch']),
  state: oneOf(['working', 'done', 'failed', 'cancelled']),
  output: Text,
  advice: TextOrNull,
  started: Time,
  ended: t.Union([Time, t.Null()]),
});
export const LatestExchangeSchema = t.Object({ exchange: t.Union([ExchangeSchema, t.Null()]) });
export const PushBody = t.Optional(t.Object({ force: t.Optional(t.Boolean({ description: 'As --force-with-lease.' })) }, closed));
export const PullBody = t.Optional(t.Object({ how: t.Optional(oneOf(['ff-only', 'merge', 'rebase'])) }, closed));
export const NoBody = t.Optional(t.Object({}, closed));

/** What is staged or unstaged: `paths`, `all`, or one `hunk` of `path`. */
export const StageBody = t.Object(
  { paths: t.Optional(t.Array(Path, { maxItems: limits.gitFilesMax })), all: t.Optional(t.Literal(true)), path: t.Optional(Path), hunk: t.Optional(Text) },
  closed,
);
export const DiscardBody = t.Object(
  {
    path: Path,
    hunk: t.Optional(Text),
    seen: t.Optional(t.String({ description: 'Id of the file’s diff that was shown: another one answers 409.' })),
    lose: t.Optional(t.Boolean({ description: 'Also where it cannot be taken back.' })),
  },
  closed,
);
export const DiscardedSchema = t.Object({ id: Text, path: Text, created: Time });
export const DiscardAnswer = t.Object({ discarded: t.Union([DiscardedSchema, t.Null()]) });
export const DiscardedListSchema = t.Object({ discarded: t.Array(DiscardedSchema) });
export const CommitBody = t.Object({ message: t.Optional(Text), amend: t.Optional(t.Boolean()), all: t.Optional(t.Boolean()) }, closed);
export const SwitchBody = t.Object({ name: Text, create: t.Optional(t.Boolean()), start: t.Optional(Text) }, closed);
export const SettleBody = t.Object({ how: oneOf(['abort', 'continue']) }, closed);

export const CommentSchema = t.Object({
  id: Text,
  path: Text,
  source: t.String({ description: '`staged`, `unstaged`, or the hash of a commit.' }),
  side: oneOf(['old', 'new']),
  line: t.Integer({ minimum: 1 }),
  lineText: Text,
  text: Text,
  created: Time,
  updated: Time,
  sent: t.Union([Time, t.Null()]),
  sentSessionId: TextOrNull,
});
export const CommentsSchema = t.Object({ waiting: t.Array(CommentSchema), sent: t.Array(CommentSchema) });
export const NewCommentBody = t.Object(
  { path: Path, source: Text, side: oneOf(['old', 'new']), line: t.Integer({ minimum: 1, maximum: 100_000_000 }), lineText: Text, text: Text },
  closed,
);
export const EditCommentBody = t.Object({ text: Text }, closed);
export const SendBody = t.Object({ sessionId: Text, note: t.Optional(t.String({ maxLength: limits.reviewTextLengthMax })) }, closed);
export const SentSchema = t.Object({ sent: Count, sessionId: Text });
