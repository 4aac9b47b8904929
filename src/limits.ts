// Every bound of the product, with its unit and its reason. Nothing else in the tree
// holds a bound of its own.

import { pastLimits } from './limits-past.ts';
import { agentLimits } from './limits-agents.ts';
import { fileLimits } from './limits-files.ts';

const KiB = 1024;
const MiB = 1024 * KiB;

export const limits = {
  // The stream (PROTOCOL: src/pty/wire.ts).
  /** One client frame; a paste is split by the client, so more is an error or an attack. */
  clientFrameBytesMax: 64 * KiB,
  /** What Bun accepts before it closes by itself with 1009; above our own bound so that ours answers. */
  websocketPayloadBytesMax: 1 * MiB,
  /** Input that the program has not read; the PTY buffers without limit, so we refuse. */
  inputPendingBytesMax: 256 * KiB,
  /** Without word of a drain for so long (ms) after a write, the terminal itself is asked; then ever more seldom. */
  inputLookMs: 200,
  inputLookMsMax: 1_600,
  winsizeColsMin: 2,
  winsizeColsMax: 500,
  winsizeRowsMin: 1,
  winsizeRowsMax: 300,
  clientsPerSessionMax: 128,
  liveSessionsMax: 128,
  /** Payload of OUTPUT and EVENT sent and not acknowledged; past it a client is lagging. */
  clientUnackedBytesMax: 512 * KiB,
  /** Bytes handed to the socket and not yet on the wire; past it a client is lagging. */
  clientUnsentBytesMax: 512 * KiB,
  /** A client that lags for longer is told so; less happens to every one under a flood. */
  lagNoticeMs: 500,
  /** Who would need longer than that for what it missed, at its own pace, gets the screen instead. */
  clientBehindMs: 1_000,
  /** And so does who missed more than that, however quick it is. */
  clientBehindBytesMax: 16 * MiB,
  /** The socket's own last line, should our accounting ever fail: Bun closes it. Above the largest SNAPSHOT. */
  clientSocketBytesMax: 12 * MiB,
  /** Who comes back and missed less than about a screen's worth is sent just that, and keeps its own scrollback. */
  attachTailBytesMax: 64 * KiB,
  attachTailEventsMax: 256,
  /** The SNAPSHOT of an attach: the screen, and of what lies above it so much; the rest is asked for when it is looked at. */
  attachScreenBytesMax: 60 * KiB,
  attachScrollbackLines: 1000,
  /** An attach waits no longer for a screen: then the log is replayed. */
  attachScreenMs: 1_000,
  /** And it is asked for again after so long. */
  attachScreenRetryMs: 5_000,
  /** After an end clients stay so long for the titles and the like that the last output brought about. */
  endSettleMs: 1_000,
  /** While output outruns the screen, a client gets it anew so often. */
  catchUpMs: 250,
  /** One output event; keeps rows, frames and pages small. */
  outputEventBytesMax: 64 * KiB,
  clientIdLengthMax: 64,
  clientNameLengthMax: 100,
  pingIntervalMs: 20_000,
  pongTimeoutMs: 45_000,
  /** Under a flood reads are gathered this long into one event: fewer commits, same order. */
  outputGatherMs: 4,
  /** So long after an input what the program prints counts as its answer, and waits for nothing. */
  outputAnswerMs: 100,
  /** An answer is small: a flood is none, though somebody types into it. */
  outputAnswerBytesMax: 4 * KiB,
  /** An unfinished escape sequence is held back up to this size; longer ones are pictures or attacks. */
  outputHeldBytesMax: 4 * KiB,
  /** After this silence what is held goes out unfinished: its rest may never come. */
  outputSettleMs: 40,

  /** Of each log the latest output stays in memory, for who is a moment behind in a flood; and so long after the last. */
  logRecentBytes: 2 * MiB,
  logRecentMs: 1_000,

  // Screens.
  /** One snapshot; scrollback is cut first. */
  snapshotBytesMax: 8 * MiB,
  /** A snapshot is kept every so much output, once the screen has caught up with it. */
  snapshotEveryBytes: 4 * MiB,
  /** And while it has not: still parsed in half a second. */
  snapshotFloodBytes: 32 * MiB,
  /** All emulators together; what rests longest is put away first. */
  screensBytesMax: 256 * MiB,
  /** A screen that rested so long is put away where it is larger than `screenRestBytes`, or its session ended. */
  screenRestMs: 20_000,
  screenRestBytes: 1 * MiB,
  /** One session's turn: a few milliseconds, then another's. */
  screenSliceEvents: 32,
  screenSliceBytes: 128 * KiB,
  /** How often the screens hear of a log that grows. */
  screenSignalMs: 20,
  /** A client that attaches waits so long for the very latest; then it gets the screen as far as it is. */
  screenWaitMs: 40,
  screenShownWaitMs: 1_000,
  /** Lines above a screen that are given at a time. */
  scrollbackLinesMax: 1000,
  scrollbackLinesDefault: 200,
  /** Titles, bells and the like of one session, of each type; the last one is always kept. */
  derivedPerSecondMax: 10,
  /** What a program calls its window; longer ones are noise. */
  titleLengthMax: 1000,
  /** A command line that a shell tells of. */
  commandLineLengthMax: 4096,

  // Sessions.
  sessionNameLengthMax: 100,
  commandArgumentsMax: 256,
  commandBytesMax: 64 * KiB,
  /** After output or input: which program has the foreground is looked at again, and told if it is another. */
  activityLookMs: 500,
  /** SIGHUP, then this, then SIGKILL: long enough for a shell to save its history. */
  stopGraceMs: 3_000,
  /** Requests to resume that were sent together are read one after the other: those within this are one. */
  resumeTogetherMs: 25,
  /** Events held in memory per session while the disk is full; past it a gap is recorded. */
  heldBytesMax: 8 * MiB,
  /** On top of it for status, sizes and presence: small, and without them the rest cannot be read right. */
  heldSystemBytesMax: 1 * MiB,
  /** How often writing is tried again while the disk is full. */
  heldRetryMs: 500,
  /** lastAccessed and lastActive move at most this often: a write per key stroke would be waste. */
  touchIntervalMs: 60_000,

  // The holder (PROTOCOL: src/pty/holder/frames.ts). The server may give other numbers to the one it starts.
  /** Output in memory per session until it is logged. From half of it on a server that logs is waited for; more goes to files. */
  holderMemoryBytesMax: 2 * MiB,
  /** The file's bound per session: minutes of a noisy build; past it the oldest goes, and a gap says so. */
  holderSpoolBytesMax: 256 * MiB,
  /** All files together, so that many sessions cannot fill a disk while no server runs. */
  holderSpoolTotalBytesMax: 2048 * MiB,
  /** A server that logs nothing for so long is stuck: nobody waits for it any more, and files take the output. */
  holderPatienceMs: 2_000,
  /** An acknowledgement is sent after so many bytes, or so long after the first of them: not for every key. */
  holderAckBytes: 64 * KiB,
  holderAckMs: 20,
  /** Ended sessions count until a server has taken their end. */
  holderSessionsMax: 1024,
  /** A frame carries at most an environment of the largest size (envNamesMax × envValueBytesMax) and its command. */
  holderFrameBytesMax: 16 * MiB,
  /** Bytes in the socket's queue: small, so that a quiet session never waits long behind a noisy one. */
  holderQueueBytesMax: 256 * KiB,
  /** Holding nothing, with no server for this long, the holder leaves. */
  holderIdleMs: 60_000,
  /** Ends that no server came for are forgotten, for the holder itself must not stay for ever. */
  holderEndedKeepMs: 14 * 24 * 3_600_000,
  /** From the start of a holder until it answers; and for its answer to a greeting. */
  holderStartMs: 10_000,
  holderGreetingMs: 5_000,
  /** How often a lost holder is looked for, before the programs that it left are ended. */
  orphansLookMs: 50,
  /** sun_path has 108 bytes on Linux, 104 elsewhere. */
  socketPathBytesMax: 100,

  // A terminal attached by the command line.
  /** From one Ctrl+\ to the second that detaches; a single one reaches the program so much later. */
  detachKeyMs: 400,
  /** Drawn at most so often: 60 a second. */
  attachPaintMs: 16,
  /** Between two tries to reach a server that is away: the first, and the most. */
  attachRetryMs: 100,
  attachRetryMsMax: 2_000,
  /** The server answers, and refuses the stream: not for ever. */
  attachRefusalsMax: 5,
  /** What is said for a moment stays so long on the last row. */
  attachNoteMs: 4_000,

  // API.
  jsonBodyBytesMax: 1 * MiB,
  /** Of who is not signed in yet: a key, or a link's token, and where to go then. */
  signInBodyBytesMax: 16 * KiB,
  /** Objects and lists within each other in any body: telling what is wrong with deeper ones would take the server seconds. */
  bodyDepthMax: 72,
  fileUploadBytesMax: 50 * MiB,
  /** What the server takes in before it breaks off by itself: above our own bounds, so that ours answer. */
  requestBytesMax: 51 * MiB,
  historyLimitMax: 1000,
  historyLimitDefault: 100,
  /** What a follower of a log reads at a stretch before others get their turn. */
  followBytesMax: 2 * MiB,
  eventTypeLengthMax: 64,
  /** How often events that the owner keeps no longer are looked for. */
  retentionIntervalMs: 3_600_000,
  /** Events removed in one transaction: others get their turn in between. */
  retentionEventsMax: 1000,
  /** One pack, before it is compressed: in a smaller one less is like the rest, a larger one takes long to open. */
  packBytes: 1 * MiB,
  /** And in events: their rows go in one commit. */
  packEventsMax: 2048,
  /** The latest of a live session are rows: what attaches, or follows, reads them at once. */
  hotBytes: 4 * MiB,
  hotEvents: 4096,
  /** Packs that stay open for their readers; the server and the screens have as many each. */
  packsOpenBytesMax: 8 * MiB,
  /** Packs opened for one page of what a filter finds: a few milliseconds of them. */
  packsExaminedBytesMax: 16 * MiB,
  /** How often what grew is looked at. */
  compactionIntervalMs: 1_000,
  /** Rest after each piece of work, in parts of the time that it took. */
  compactionRest: 3,
  /** After so many packs without an end it rests less, for a flood must not outrun it. */
  compactionPatience: 64,
  compactionRestBehind: 0.25,
  /** A cap is warned of from this part of it on. */
  capWarnPart: 0.9,
  /** Caps of what history takes on the disk. The least leaves room for what is never dropped. */
  sessionBytesMin: 16 * MiB,
  sessionBytesMax: 1024 * 1024 * MiB,
  sessionBytesDefault: 1024 * MiB,
  totalBytesMin: 64 * MiB,
  totalBytesMax: 16 * 1024 * 1024 * MiB,
  totalBytesDefault: 10 * 1024 * MiB,
  /** Events of a deleted session removed in one transaction: 4 MiB at most. */
  reclaimEvents: 64,
  /** And packs. */
  reclaimPacks: 8,
  /** And marks, which are small. */
  reclaimMarks: 512,
  /** Pages given back to the file system at a time: 800 KB. */
  reclaimPages: 200,
  /** 16 MiB: cutting off much at once keeps the file system busy for long. */
  cutPages: 4096,
  /** After this long others get their turn: deleting shows in no key's echo. */
  reclaimSliceMs: 5,
  /** 1 MiB of free pages stays in the database file: they are needed again soon. */
  freePagesKept: 256,
  /** Set aside so that a full disk can be relieved from inside; the WAL grows so far between its checkpoints. */
  diskReserveBytes: 8 * MiB,
  /** Enough for every single write that may use the reserve: with less nothing is stopped for a deletion. */
  diskReserveLeastBytes: 256 * KiB,
  /** What the reserve leaves to others when it takes the rest of a disk. */
  diskSlackBytes: 256 * KiB,
  /** How often a missing reserve, or the end of a reader that is in the way, is looked for. */
  diskRetryMs: 5_000,
  /** Raw event bytes in one history page: 1,000 events of 64 KiB would be 64 MB of JSON. */
  historyBytesMax: 8 * MiB,
  /** Raw event bytes that a recording takes in at a time: as JSON, and as text before it, they are a few times that. */
  recordingPageBytes: 256 * KiB,
  /** Events that one call with a filter looks at; it then answers with less and says where it is. */
  historyExaminedMax: 20_000,
  listLimitMax: 1000,
  listLimitDefault: 50,
  queryLengthMax: 200,
  /** Objects and lists within each other, in JSON that we keep: deeper ones are an attack on the stack. */
  jsonDepthMax: 64,

  // Workspaces.
  pathBytesMax: 4096,
  workspaceNameLengthMax: 100,
  metadataBytesMax: 64 * KiB,
  layoutBytesMax: 64 * KiB,
  /** Folders shown at once where one is chosen. */
  foldersListedMax: 500,
  /** Live sessions with a small view on the first page, and ended ones: more are a click away. */
  homeLiveMax: 12,
  homeEndedMax: 6,
  homeWorkspacesMax: 6,
  /** Characters of what was said last in a conversation, in its small view. */
  glanceTextMax: 400,
  /** Ended sessions that the palette knows by name; older ones are found by their workspace. */
  paletteEndedMax: 100,
  shortcutsMax: 64,
  layoutsPerWorkspaceMax: 64,
  settingTextLengthMax: 200,
  /** A file of colours; those with one scheme for the day and one for the night have about 30 KiB. */
  schemeTextLengthMax: 128 * KiB,
  secretLengthMax: 512,
  fontSizeMin: 6,
  fontSizeMax: 40,
  lineHeightMin: 1,
  lineHeightMax: 2,
  /** Lines; xterm keeps them all in memory, about 1 KB each at 80 columns. */
  scrollbackMax: 100_000,
  eventDaysMax: 3650,
  envNamesMax: 256,
  envValueBytesMax: 32 * KiB,
  /** A page that looks gets told of a vanished folder within this time. */
  workspaceWatchMs: 2_000,
  /** Rounds of stopping what was started meanwhile, before an archive or a deletion gives up. */
  stopRoundsMax: 5,

  // Signing in.
  keyLengthMin: 16,
  keyLengthMax: 256,
  linkLifetimeMs: 10 * 60_000,
  linksMax: 16,
  cookieLifetimeMs: 30 * 24 * 3_600_000,
  devicesMax: 256,
  signInFreeAttempts: 5,
  signInDelayMaxMs: 15 * 60_000,
  /** Across all addresses the delay stays short: otherwise anyone could lock the owner out. */
  signInOverallDelayMaxMs: 10_000,
  signInAddressesMax: 4096,
  /** argon2id takes tens of MB and ms each; one at a time, so that failures are counted before the next is tried. */
  argonConcurrencyMax: 1,
  argonQueueMax: 64,

  // Pages' news.
  newsPerSecondMax: 4,
  sseCommentMs: 15_000,
  /** A reader that takes nothing is cut after this many bytes wait for it. */
  ssePendingBytesMax: 1 * MiB,

  /** SIGTERM to exit. */
  shutdownMs: 5_000,
  ...pastLimits,
  ...agentLimits,
  ...fileLimits,
} as const;
