// What conversations look like in the API: the schemas behind /api/openapi.json.

import { t } from 'elysia';
import type { JsonObject } from '../json.ts';
import { limits } from '../limits.ts';
import { oneOf } from './one-of.ts';

const closed = { additionalProperties: false } as const;
const Json = t.Unsafe<JsonObject>(t.Object({}, { additionalProperties: true }));
const Time = t.String({ format: 'date-time' });
const TextOrNull = t.Union([t.String(), t.Null()]);
const Id = t.String({ minLength: 1, maxLength: limits.agentTitleLengthMax });

export const PromptBody = t.Object(
  {
    text: t.String(),
    images: t.Optional(t.Array(Id, { maxItems: limits.promptImagesMax })),
    resources: t.Optional(t.Array(t.String({ minLength: 1, maxLength: limits.pathBytesMax }), { maxItems: limits.promptResourcesMax })),
  },
  closed,
);
export const EditBody = t.Object({ text: t.String() }, closed);
export const DecisionBody = t.Object({ optionId: Id }, closed);
export const AnswerBody = t.Object({ action: oneOf(['accept', 'decline']), content: t.Optional(Json) }, closed);
export const ConfigBody = t.Unsafe<Record<string, string | boolean>>(
  t.Record(t.String(), t.Union([t.String(), t.Boolean()]), { minProperties: 1, maxProperties: limits.agentOptionsMax }),
);

export const Prompt = t.Object({
  id: t.String(),
  text: t.String(),
  images: t.Array(t.Object({ attachment: t.String(), mimeType: t.String() })),
  resources: t.Array(t.Object({ path: t.String() })),
  client: t.String(),
});
export const SaidSchema = t.Object({ prompt: Prompt, state: oneOf(['sent', 'queued']) });
export const QueueSchema = t.Object({ prompts: t.Array(Prompt) });

const Decision = t.Object({
  outcome: oneOf(['selected', 'answered', 'cancelled', 'interrupted']),
  optionId: TextOrNull,
  by: t.String(),
  at: Time,
  name: TextOrNull,
});
export const PermissionSchema = t.Object({
  id: t.String(),
  requested: Time,
  toolCall: Json,
  options: t.Array(t.Object({ optionId: t.String(), name: t.String(), kind: t.String() })),
  decision: t.Union([Decision, t.Null()]),
});
export const PermissionsSchema = t.Object({ permissions: t.Array(PermissionSchema) });
export const QuestionSchema = t.Object({ id: t.String(), requested: Time, question: Json, decision: t.Union([Decision, t.Null()]) });
export const QuestionsSchema = t.Object({ questions: t.Array(QuestionSchema) });

export const ConfigSchema = t.Object({
  options: t.Array(
    t.Object({
      id: t.String(),
      name: t.String(),
      description: t.String(),
      category: t.String(),
      type: oneOf(['select', 'boolean']),
      value: t.Union([t.String(), t.Boolean()]),
      choices: t.Array(t.Object({ value: t.String(), name: t.String(), description: t.String(), group: t.String() })),
    }),
  ),
  commands: t.Array(Json),
});

export const AgentsSchema = t.Object({
  agents: t.Array(
    t.Object({
      id: t.String(),
      label: t.String(),
      available: t.Boolean(),
      problem: TextOrNull,
      install: TextOrNull,
      signIn: t.Union([t.Array(t.String()), t.Null()]),
    }),
  ),
});

export const AttachmentSchema = t.Object({ id: t.String(), mimeType: t.String(), size: t.Integer() });

export const InboxSchema = t.Object({
  items: t.Array(
    t.Object({
      sessionId: t.String(),
      workspaceId: t.String(),
      kind: t.String(),
      why: oneOf(['permission', 'question', 'finished', 'interrupted', 'failed', 'bell', 'ended']),
      since: Time,
      name: t.String(),
      detail: TextOrNull,
      permission: t.Optional(PermissionSchema),
      question: t.Optional(QuestionSchema),
    }),
  ),
});
