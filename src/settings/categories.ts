// The settings there are: every category with its fields, their bounds and defaults. A
// field's description completes "Must be …" for the person who gave another value.

import { type Static, Type } from '@sinclair/typebox';
import { limits } from '../limits.ts';
import { SCHEME_COLOURS, type SchemeColour } from './scheme.ts';

const closed = { additionalProperties: false } as const;

const oneOf = <const Value extends string>(values: readonly Value[], initial: Value) =>
  Type.Union(
    values.map((value) => Type.Literal(value)),
    { default: initial, description: `one of ${values.join(', ')}` },
  );

const yesOrNo = (initial: boolean) => Type.Boolean({ default: initial, description: 'true or false' });

const VISIBLE_LINE = '^[^\\u0000-\\u001f\\u007f]+$';

const line = (maxLength: number) => Type.String({ minLength: 1, maxLength, pattern: VISIBLE_LINE });

const pathOrNull = (what: string) =>
  Type.Union([line(limits.pathBytesMax), Type.Null()], {
    default: null,
    description: `${what}, at most ${limits.pathBytesMax} characters, or null`,
  });

const bytesOrNull = (minimum: number, maximum: number, initial: number, also: { isShared?: true } = {}) =>
  Type.Union([Type.Integer({ minimum, maximum }), Type.Null()], {
    ...also,
    default: initial,
    description:
      `a whole number of bytes from ${minimum} (${minimum / 1024 ** 2} MiB) to ${maximum} (${maximum / 1024 ** 2} MiB), ` +
      'or null for no limit',
  });

const colour = Type.String({ pattern: '^#[0-9a-f]{6}$' });

/** Colours of a terminal, by the names that xterm.js has for them. */
const Scheme = Type.Object(
  Object.fromEntries(SCHEME_COLOURS.map((name) => [name, colour])) as Record<SchemeColour, typeof colour>,
  { ...closed, description: `an object of ${SCHEME_COLOURS.length} colours as #rrggbb: ${SCHEME_COLOURS.join(', ')}` },
);

const terminal = Type.Object(
  {
    fontFamily: Type.String({
      minLength: 1,
      maxLength: limits.settingTextLengthMax,
      pattern: VISIBLE_LINE,
      default: 'ui-monospace, "Cascadia Mono", "JetBrains Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace',
      description: `font names, 1 to ${limits.settingTextLengthMax} characters on one line`,
    }),
    fontSize: Type.Number({
      minimum: limits.fontSizeMin,
      maximum: limits.fontSizeMax,
      default: 14,
      description: `a number from ${limits.fontSizeMin} to ${limits.fontSizeMax}`,
    }),
    lineHeight: Type.Number({
      minimum: limits.lineHeightMin,
      maximum: limits.lineHeightMax,
      default: 1.2,
      description: `a number from ${limits.lineHeightMin} to ${limits.lineHeightMax}`,
    }),
    /** Those of public/terminal/themes.js, what the page has, or `scheme`. */
    theme: oneOf(['auto', 'dark', 'light', 'high-contrast', 'harbour', 'ember', 'moss', 'plum', 'linen', 'frost', 'own'], 'auto'),
    /** Not there until one is given. */
    scheme: Type.Optional(Scheme),
    cursorStyle: oneOf(['block', 'bar', 'underline'], 'block'),
    cursorBlink: yesOrNo(false),
    scrollback: Type.Integer({
      minimum: 0,
      maximum: limits.scrollbackMax,
      default: 10_000,
      description: `a whole number of lines from 0 to ${limits.scrollbackMax}`,
    }),
    recordInput: oneOf(['redact', 'all', 'none'], 'redact'),
    optionIsMeta: yesOrNo(false),
    /** Shells that start from then on tell of their commands. */
    shellIntegration: yesOrNo(true),
    bell: oneOf(['visual', 'none'], 'visual'),
    /** The screen is also kept as text that a screen reader follows. */
    screenReader: yesOrNo(false),
  },
  closed,
);

const agents = Type.Object(
  {
    claudePath: pathOrNull('the path of the claude program'),
    adapterPath: pathOrNull('the path of the adapter program'),
    apiKey: Type.Union([line(limits.secretLengthMax), Type.Null()], {
      default: null,
      secret: true,
      description: `a key of 1 to ${limits.secretLengthMax} characters on one line, or null`,
    }),
    // Not there until one is added.
    agents: Type.Optional(Type.Record(
      Type.String({ pattern: '^[a-z][a-z0-9-]{0,39}$' }),
      Type.Object(
        {
          label: line(limits.settingTextLengthMax),
          command: Type.Array(line(limits.pathBytesMax), { minItems: 1, maxItems: limits.commandArgumentsMax }),
          env: Type.Record(
            Type.String({ pattern: '^(?!DISPATCH_)[A-Za-z_][A-Za-z0-9_]*$' }),
            Type.String({ maxLength: limits.envValueBytesMax }),
            { ...closed, maxProperties: limits.envNamesMax },
          ),
        },
        closed,
      ),
      {
        ...closed,
        maxProperties: limits.agentOptionsMax,
        description: 'a map of short names (a-z, 0-9 and -) to { label, command: [program, arguments], env: { NAME: text } }',
      },
    )),
  },
  closed,
);

const retention = Type.Object(
  {
    eventDays: Type.Union([Type.Integer({ minimum: 1, maximum: limits.eventDaysMax }), Type.Null()], {
      default: null,
      description: `a whole number of days from 1 to ${limits.eventDaysMax}, or null to keep everything`,
    }),
    /** What the history of one session may take on the disk. */
    sessionBytes: bytesOrNull(limits.sessionBytesMin, limits.sessionBytesMax, limits.sessionBytesDefault),
    /** Of all sessions together: no workspace has its own. */
    totalBytes: bytesOrNull(limits.totalBytesMin, limits.totalBytesMax, limits.totalBytesDefault, { isShared: true }),
  },
  closed,
);

const appearance = Type.Object(
  {
    theme: oneOf(['system', 'light', 'dark'], 'system'),
    density: oneOf(['comfortable', 'compact'], 'comfortable'),
    /** Of the pages; a terminal has its own. */
    textSize: oneOf(['small', 'normal', 'large', 'larger'], 'normal'),
    contrast: oneOf(['system', 'more'], 'system'),
    motion: oneOf(['system', 'less'], 'system'),
    // Not there until one is changed.
    shortcuts: Type.Optional(
      Type.Record(Type.String({ pattern: '^[a-z][a-z-]{0,39}$' }), Type.String({ maxLength: 40 }), {
        ...closed,
        maxProperties: limits.shortcutsMax,
        isShared: true,
        description: 'a map of what a key does to keys: one (/), two after each other (g w), or at once (Ctrl+Shift+K)',
      }),
    ),
  },
  closed,
);

const workspaces = Type.Object(
  {
    defaultShell: pathOrNull('the path of a shell'),
    /** Documents are saved by themselves, a moment after the last edit. */
    autosave: yesOrNo(false),
    vimKeys: yesOrNo(false),
    lineWrap: yesOrNo(true),
    tabSize: Type.Integer({
      minimum: limits.tabSizeMin,
      maximum: limits.tabSizeMax,
      default: 4,
      description: `a whole number from ${limits.tabSizeMin} to ${limits.tabSizeMax}`,
    }),
  },
  closed,
);

export const CATEGORIES = { terminal, agents, retention, appearance, workspaces } as const;

export type Category = keyof typeof CATEGORIES;

export type SettingValues = { [Name in Category]: Static<(typeof CATEGORIES)[Name]> };

export const CATEGORY_NAMES = Object.keys(CATEGORIES) as Category[];

export const isCategory = (name: string): name is Category => Object.hasOwn(CATEGORIES, name);
