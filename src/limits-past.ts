// Bounds of the past: moments of it, and the search through it. Part of limits.ts, which is what everyone imports.

const KiB = 1024;
const MiB = 1024 * KiB;

export const pastLimits = {
  // The past.
  /** A keyframe comes with every so much output: what follows one is parsed in 30 to 50 ms. */
  keyframeEveryBytes: 1 * MiB,
  /** And with every so many events, for small ones cost time each. */
  keyframeEveryEvents: 8192,
  /** Lines above the screen that it has: more than the largest winsize can pull down. It takes 3 ms to draw. */
  keyframeScrollback: 500,
  keyframeBytesMax: 512 * KiB,
  /** Of one session, about 60 MB; past it every other one goes. */
  keyframesMax: 8192,
  /** One step of a screen on its way: a few milliseconds, then others are heard. */
  walkStepEvents: 256,
  walkStepBytes: 256 * KiB,
  /** Questions about the past that are worked on side by side; more wait. */
  pastWalksMax: 4,
  pastAsksMax: 256,
  /** Screens of the past that stay for whoever looks around there: 5 MB each at most at usual sizes. */
  pastScreensMax: 6,
  /** Without a question for so long the thread is let go, and its memory with it. */
  pastRestMs: 60_000,
  /** Marks of each type on one axis of time: about as many as one can tell apart. */
  marksShown: 500,
  /** One page of a replay: what is played before the next one has come. */
  replayPageBytes: 1 * MiB,
  /** And of the first piece, which comes with a screen that somebody waits for. */
  replayFirstBytes: 128 * KiB,
  replayPageEvents: 4000,
  /** Characters of a document that a page of the past shows. */
  replayTextLength: 256 * KiB,
  /** Marks of commands that one call looks at; it then answers with less and says so. */
  commandMarksExamined: 20_000,
  /** The end of a command's output that is given as text, and how many lines of it. */
  commandOutputBytesMax: 1 * MiB,
  commandOutputLines: 20_000,

  /** A descriptor that outlives the program hides the end of its output: this long without any is one. */
  outputQuietMs: 200,
  /** And one that goes on printing after the program's end is cut off then. */
  outputAfterExitMs: 1_000,

  // Search.
  /** A shorter word is no trigram. */
  searchCharactersMin: 3,
  /** Text of one block: in a smaller one the index takes more room, in a larger one it says less. */
  searchBlockBytes: 512 * KiB,
  /** New words of one block: what has more is no text. */
  searchNewWordsBytesMax: 128 * KiB,
  /** The list of words, half a million of them; whoever searches has it in memory. */
  searchVocabularyBytesMax: 8 * MiB,
  /** Of the list, whoever indexes knows so many by heart. */
  searchWordsKnown: 100_000,
  /** Words that something is a part of: past that it is looked for everywhere. Asking for so many takes 5 to 20 ms. */
  searchWordsMax: 256,
  /** Words so many lines apart are near each other. */
  searchNearLines: 8,
  /** Finds with words farther apart that are kept while none is near: each keeps its block in memory. */
  searchApartMax: 50,
  /** What is shown of a line, and lines of both sides of it. */
  searchContextLength: 240,
  searchContextLines: 2,
  /** Names of sessions and workspaces beside what was found. */
  searchNamesMax: 20,
  /** A search that found nothing looks no longer, one that did this long; where it stopped, the next one goes on. */
  searchTimeMs: 500,
  searchEnoughMs: 60,
  /** Blocks that stay open for the next page, or the next letter. */
  searchOpenBytesMax: 16 * MiB,
  searchesWaitingMax: 32,
  /** From the start of the server until the index is worked on. */
  searchStartMs: 1_000,
  /** From the stop until the thread has written down what it read. */
  searchStopMs: 1_000,
  searchLimitMax: 1000,
  searchLimitDefault: 50,
  /** Of one session on the page; the rest is a click away. */
  searchPerSession: 5,
  /** One session's turn: a few milliseconds of its log, then another's. */
  searchSliceEvents: 256,
  searchSliceBytes: 256 * KiB,
  /** How often the log is looked at, and all sessions, for those that went. */
  searchLookMs: 500,
  searchLookAtAllMs: 15_000,
  /** What was read is written down so often. */
  searchCommitMs: 1_000,
  /** A session that rests so long is put away, its last text into the full text index. */
  searchRestMs: 30_000,
  /** After a full disk, or an index that was lost. */
  searchRetryMs: 2_000,
  /** Text that was on the screen for a shorter time was on its way to another. */
  shownTextMs: 300,
  /** A line without an end is taken in pieces, which have so much in common. */
  shownLineLengthMax: 16 * KiB,
  shownLineOverlap: 256,
  /** Texts of screens that are remembered, so as not to be taken twice. */
  shownTextsKept: 4_000,
  /** Tool calls of a conversation whose text is remembered. */
  searchToolsKept: 500,
} as const;
