// Every bound of the product, with its unit and its reason. Nothing else in the tree
// holds a bound of its own.

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

  // Agents.
  /** One message of an agent; a picture of 10 MB in base64 fits. What is longer ends its session. */
  agentLineBytesMax: 16 * MiB,
  /** Lines that are no message: a banner is forgiven, a program that speaks something else is not. */
  agentNoiseLinesMax: 50,
  /** What is sent to an agent that does not read; the largest prompt with its pictures fits. */
  agentUnreadBytesMax: 128 * MiB,
  /** Its answer to anything but a prompt; the first start of a day may check a sign-in. */
  agentAnswerMs: 60_000,
  /** From a cancel until the page says that the agent does not react. */
  agentCancelMs: 10_000,
  /** From the end of its input until its processes are ended: time to write its conversation down. */
  agentEndMs: 1_500,
  /** What it streams becomes at most ten events a second. */
  agentGatherMs: 100,
  /** And earlier, once so much waits. */
  agentGatherBytesMax: 1 * MiB,
  /** Characters of one text that a tool shows; the rest is counted. */
  agentTextLengthMax: 256 * KiB,
  /** Characters of both sides of a diff: more is told, not shown. */
  agentDiffLengthMax: 1 * MiB,
  /** A tool's raw input or output. */
  agentRawBytesMax: 64 * KiB,
  agentTitleLengthMax: 500,
  agentReasonLengthMax: 4000,
  /** Entries of a plan, contents of a tool call, commands. */
  agentListMax: 500,
  agentOptionsMax: 64,
  /** Permissions and questions that wait at a time. */
  agentRequestsMax: 100,
  /** What it prints beside the protocol, per start. */
  /** Of what it says without any event coming of it, before that is committed as taken. */
  agentUncommittedBytesMax: 256 * KiB,
  agentStderrBytesMax: 64 * KiB,
  agentCommandsMax: 64,
  /** A picture of an agent or of a prompt that is shown and kept. */
  agentImageBytesMax: 10 * MiB,
  /** A file that an agent reads or writes through us. */
  agentFileBytesMax: 8 * MiB,
  /** Folders that are made for a file that it writes. */
  agentFoldersMax: 32,
  /** What a terminal of an agent gives it to read. */
  agentTerminalBytesMax: 1 * MiB,
  agentTerminalsMax: 16,
  promptLengthMax: 256 * KiB,
  promptQueueMax: 32,
  promptImagesMax: 20,
  promptResourcesMax: 50,
  /** All uploads of one session. */
  attachmentsBytesMax: 512 * MiB,
  /** Conversations whose transcript is held ready. */
  transcriptsHeldMax: 32,
  /** Items of a transcript that a page begins with, and that it loads at a time. */
  transcriptItems: 60,
  /** Characters of a text in one item: what streams is sent again and again until it is full. */
  transcriptTextMax: 32 * KiB,
  /** Files that a completion of names looks at, and shows. */
  mentionFilesMax: 50_000,
  mentionsShown: 20,
  /** What waits on a person, over all workspaces. */
  inboxItemsMax: 500,

  // Search.
  /** A shorter word is no trigram. */
  searchCharactersMin: 3,
  /** Text of one block: in a smaller one the index takes more room, in a larger one it says less. */
  searchBlockBytes: 512 * KiB,
  /** Words so many lines apart are near each other. */
  searchNearLines: 8,
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

  // API.
  jsonBodyBytesMax: 1 * MiB,
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
} as const;
