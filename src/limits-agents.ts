// Bounds of conversations with agents. Part of limits.ts, which is what everyone imports.

const KiB = 1024;
const MiB = 1024 * KiB;

export const agentLimits = {
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
} as const;
