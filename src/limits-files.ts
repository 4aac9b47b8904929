// Bounds of files, of the documents that are edited, and of git. Part of limits.ts, which is what everyone imports.

const KiB = 1024;
const MiB = 1024 * KiB;

export const fileLimits = {
  // Git.
  /** A look at a repository: longer ones are of a disk that does not answer, or of a pipe in the place of a file. */
  gitReadMs: 20_000,
  /** What changes one: hooks may run a linter. */
  gitWriteMs: 180_000,
  /** Push, pull, fetch. */
  gitNetworkMs: 900_000,
  /** From SIGTERM to SIGKILL: it takes its lock files away. */
  gitGraceMs: 3_000,
  /** After its end: what a hook left behind may hold its output open. */
  gitQuietMs: 500,
  gitOutputBytesMax: 16 * MiB,
  /** What it says beside its output; of more the end. */
  gitMessageBytesMax: 64 * KiB,
  /** Names of settings; a page of a large one has a few thousand. */
  gitConfigBytesMax: 1 * MiB,
  /** Filters of one repository that are kept from running, four settings each in the environment. */
  gitFiltersMax: 256,
  /** Processes of looks at a time, in one folder. */
  gitReadsMax: 4,
  /** What git says when it fails, as an error's message. */
  gitWordsLengthMax: 4_000,
  /** Names of what changed; a folder of dependencies that nobody ignores is past it. */
  gitStatusBytesMax: 4 * MiB,
  gitFilesMax: 2_000,
  /** A diff of many files: those past it are named, and shown one by one. */
  gitDiffBytesMax: 4 * MiB,
  /** Lines of one file's diff. */
  gitDiffLinesMax: 5_000,
  /** Characters of one line that are shown. */
  gitLineLengthMax: 2_000,
  /** A file that git does not know yet, shown as lines that came. */
  gitUntrackedBytesMax: 1 * MiB,
  /** Of those so many in one diff. */
  gitUntrackedShown: 100,
  /** A push that takes longer is answered as it is then. */
  gitExchangeWaitMs: 20_000,
  gitLogMax: 200,
  gitLogDefault: 50,
  gitBranchesMax: 500,
  gitMessageLengthMax: 64 * KiB,
  /** What is kept of a file before its changes are discarded. */
  gitKeptBytesMax: 50 * MiB,
  /** Discards of one workspace that can be taken back. */
  gitKeptMax: 200,
  /** Comments that wait: a prompt of them must be read by somebody. */
  reviewCommentsMax: 200,
  reviewTextLengthMax: 8_000,
  reviewSentShown: 50,

  // Files.
  /** A name on every file system that we know. */
  nameBytesMax: 255,
  /** As the kernel's own bound for links in one path. */
  linksFollowedMax: 40,
  /** Read and sent at a time: a flood of one download delays nobody's echo for longer than that takes. */
  filePieceBytes: 256 * KiB,
  /** A file that is sent stays open for so long, until the server has opened it for itself. */
  fileHandOverMs: 1_000,
  /** Entries of a folder that a page begins with. */
  treeLimitDefault: 500,
  /** Rows of a folder that a page shows at a time, and files that a search by name shows. */
  treePageRows: 200,
  findShown: 30,
  fileSearchPageMatches: 500,
  /** The order of folders with so many names is kept, of so many folders. */
  listKeptFrom: 2000,
  listsKept: 8,
  /** Times on a disk go in steps; a change within one may not be told from the one before it. */
  clockStepMs: 100,
  /** Files and folders that one action copies, or one archive holds. */
  copyEntriesMax: 200_000,
  /** Folders within each other that are walked or copied: each stays open meanwhile, and deeper ones are made to stop us. */
  treeDepthMax: 256,
  /** Of what an archive lacks so many are named, of each reason; the rest is counted. */
  leftOutNamed: 1000,
  /** Paths that a search by name looks at; its walk serves the letters of one name. */
  findFilesMax: 100_000,
  findKeptMs: 5_000,
  /** What git says of files serves the lists of one moment, and a page waits so long for it. */
  marksKeptMs: 2_000,
  marksWaitMs: 250,
  /** Searches in files at a time, each with a thread or a program of its own. */
  fileSearchesMax: 4,
  fileSearchMs: 30_000,
  /** Past that a thread of ours is in an expression without an end. */
  fileSearchGraceMs: 2_000,
  fileSearchMatchesMax: 2000,
  /** Lines of one file. */
  fileSearchLinesMax: 200,
  fileSearchBytesMax: 10 * MiB,
  /** What ripgrep says of one line: in JSON, with every place of it. */
  fileSearchToldBytesMax: 32 * MiB,
  /** A NUL among the first bytes: no text. */
  fileSearchBinaryBytes: 8 * KiB,
  /** Characters of a line that are shown, and places in it that are marked. */
  fileSearchLineLength: 400,
  fileSearchRangesMax: 50,
  replacementLengthMax: 10_000,
  replaceFilesMax: 500,
  /** What was deleted can be had back for so long. */
  trashKeepMs: 30 * 24 * 3_600_000,
  trashSweepMs: 3_600_000,

  // Documents.
  /** A larger file is read in pages: browsers edit no such text well. */
  documentBytesMax: 10 * MiB,
  documentsPerSessionMax: 256,
  /** Edits of a push: what a device wrote while it was away, in parts. */
  changesPerPushMax: 1000,
  /** A push: a whole document may come back by an undo. Above the bound of JSON bodies it is sent as bytes. */
  changesBytesMax: 24 * MiB,
  /** Edits that are given to a device that was away; one that missed more asks again. */
  changesPerPullMax: 5000,
  /** The latest edits stay in memory, for those who come back soon; the others are in the log. */
  changesKept: 4096,
  changesKeptBytes: 4 * MiB,
  /** The text is kept after so many edits, or so many bytes of them: opening reads at most these. */
  checkpointChanges: 1000,
  checkpointBytes: 512 * KiB,
  /** Kept texts of one document, compressed: past it ever fewer of the older ones stay, and a look back reads more edits. */
  documentTextsBytesMax: 48 * MiB,
  /** And when nobody has written for so long. */
  checkpointIdleMs: 30_000,
  /** To find the lines that changed on disk; then the changed part counts as one. */
  documentDiffMs: 200,
  documentDiffEditsMax: 4000,
  /** Autosave: after the last edit, and at the latest after the first. */
  autosaveMs: 1_000,
  autosaveLatestMs: 10_000,
  /** A program that writes a file does so in several steps. */
  diskSettleMs: 60,
  /** How often files are looked at where the system does not tell of changes. */
  diskLookMs: 1_000,
  /** A document that nobody looks at, saved, leaves the memory after so long. */
  documentRestMs: 60_000,
  /** A caret that was not told again is gone. */
  caretMs: 45_000,
  caretsPerDocumentMax: 128,
  /** Selections of one device. */
  caretRangesMax: 100,
  /** Names looked through for a file that was renamed. */
  renamedEntriesMax: 5000,
  /** A page of a file that is shown and not edited. */
  filePageBytes: 256 * KiB,
  hexPageBytes: 4 * KiB,
  tabSizeMin: 1,
  tabSizeMax: 16,
} as const;
