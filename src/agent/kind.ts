// The conversation as a kind of session: what its meta may say, and how its agent starts.

import { pathToFileURL } from 'node:url';
import { AppError, invalid } from '../errors.ts';
import type { ChangeName } from '../changes.ts';
import { isJsonObject, type JsonObject, jsonBytes, type JsonValue } from '../json.ts';
import { limits } from '../limits.ts';
import type { NewEvent } from '../sessions/event.ts';
import type { Host, Kind } from '../sessions/kind.ts';
import type { Workspace } from '../workspaces/workspace.ts';
import { type Agent, DEFAULT_AGENT, signInWords } from './agents.ts';
import type { Attachments } from './attachments.ts';
import { Conversation } from './conversation.ts';
import type { AgentPipe, Pipes } from './pipe.ts';
import { checkedPromptText, type Prompt, type PromptImage } from './prompts.ts';
import { AgentServing, type Terminals } from './serving.ts';

export interface AgentKindParts {
  version: string;
  /** The agents that a workspace can use. */
  agents: (workspace: Workspace) => Agent[];
  /** Environment of a session's programs, without its own additions. */
  environment: (runId: string, workspace: Workspace, more: Record<string, string>) => Record<string, string>;
  pipes: Pipes;
  /** Ends every process that belongs to this one. */
  end: (pid: number) => Promise<void>;
  /** Real path of `candidate` inside the workspace. @throws AppError invalid */
  insideWorkspace: (workspacePath: string, candidate: string) => string;
  terminals: (workspace: Workspace) => Terminals;
  attachments: Attachments;
  announce: (name: ChangeName, id: string) => void;
  /** A line for the operator. */
  report: (line: string) => void;
}

export interface GivenPrompt {
  /** Where whoever gives it has named it. */
  id?: string | undefined;
  text: string;
  /** Ids of attachments. */
  images?: string[] | undefined;
  /** Paths inside the workspace. */
  resources?: string[] | undefined;
}

interface Meta {
  agent: string;
  mode: string | undefined;
  model: string | undefined;
  agentSessionId: string | undefined;
  forkFrom: string | undefined;
  config: Record<string, JsonValue>;
}

const NO_PICTURES = 'This agent takes no pictures: send the prompt without them.';
const TEXTS = ['agent', 'mode', 'model', 'agentSessionId', 'forkFrom'] as const;

export class AgentKind implements Kind {
  readonly name = 'claude';
  readonly #parts: AgentKindParts;
  readonly #live = new Map<string, Conversation>();

  constructor(parts: AgentKindParts) {
    this.#parts = parts;
  }

  meta(given: JsonObject, workspace: Workspace): JsonObject {
    const { agent } = checkedMeta(given);
    this.#agent(agent, workspace);
    return { ...given, agent };
  }

  defaultName(meta: JsonObject): string {
    const { agent } = checkedMeta(meta);
    return agent === DEFAULT_AGENT ? 'Claude' : agent.slice(0, limits.sessionNameLengthMax);
  }

  opening(): NewEvent[] {
    return [];
  }

  async start(host: Host): Promise<Conversation> {
    const { workspace, runId } = host;
    const meta = checkedMeta(host.meta);
    const agent = this.#agent(meta.agent, workspace);
    if (!agent.available) throw new AppError('unavailable', [agent.problem, installWords(agent)].join(' ').trim());
    const env = this.#parts.environment(runId, workspace, { PWD: workspace.path, ...agent.env });
    const pipe = await this.#parts.pipes.start(runId, { command: agent.command, cwd: workspace.path, env });
    return this.#conversation(host, pipe, agent, undefined);
  }

  adopt(host: Host, offset: number): Conversation | undefined {
    const { agent } = checkedMeta(host.meta);
    const known = this.#parts.agents(host.workspace).find(({ id }) => id === agent);
    const pipe = known === undefined ? undefined : this.#parts.pipes.adopt(host.runId, offset);
    return known === undefined || pipe === undefined ? undefined : this.#conversation(host, pipe, known, offset);
  }

  /** @param offset of an adopted agent's output, what is in the log */
  #conversation(host: Host, pipe: AgentPipe, agent: Agent, offset: number | undefined): Conversation {
    const { workspace, runId } = host;
    const meta = checkedMeta(host.meta);
    const policy = { inside: (candidate: string) => this.#parts.insideWorkspace(workspace.path, candidate) };
    const serving = new AgentServing({ policy, terminals: this.#parts.terminals(workspace), append: (events) => host.log.append(events) });
    const { attachments, announce } = this.#parts;
    const conversation = new Conversation({
      host,
      pipe,
      adopted: offset !== undefined,
      offset: offset ?? 0,
      serving,
      version: this.#parts.version,
      label: agent.label,
      wanted: wantedOf(meta, agent),
      asks: meta.mode === undefined && meta.config.mode === undefined ? agent.mode : null,
      resume: meta.agentSessionId,
      fork: meta.forkFrom,
      signIn: signInWords(agent),
      install: installWords(agent),
      blocks: (prompt, can) => this.#blocks(host, prompt, can.image),
      keepImage: (base64) => attachments.keep(runId, base64),
      end: this.#parts.end,
      unforeseen: (error) => this.#parts.report(`a conversation: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`),
      told: () => announce('transcript', runId),
      inboxChanged: () => announce('inbox', runId),
    });
    this.#live.set(runId, conversation);
    void conversation.exited.then(() => {
      this.#live.delete(runId);
      serving.dispose();
    });
    return conversation;
  }

  /** A prompt as somebody gives it, checked. @throws AppError invalid */
  promptOf(runId: string, workspace: Workspace, given: GivenPrompt, client: string): Prompt {
    const text = checkedPromptText(given.text);
    const { images = [], resources = [] } = given;
    if (text.trim() === '' && images.length === 0) throw invalid('text', 'Say something, or attach a picture.');
    if (images.length > 0 && this.conversation(runId)?.capabilities?.image === false) throw new AppError('conflict', NO_PICTURES);
    return {
      id: given.id ?? Bun.randomUUIDv7(),
      text,
      images: images.map((id, index) => this.#image(runId, id, `images.${index}`)),
      resources: resources.map((path, index) => {
        try {
          this.#parts.insideWorkspace(workspace.path, path);
          return { path };
        } catch (error) {
          throw error instanceof AppError ? invalid(`resources.${index}`, error.message) : error;
        }
      }),
      client,
    };
  }

  /** The live conversation of a session, if it is one and lives. */
  conversation(runId: string): Conversation | undefined {
    return this.#live.get(runId);
  }

  conversations(): [string, Conversation][] {
    return [...this.#live];
  }

  #agent(id: string, workspace: Workspace): Agent {
    const agents = this.#parts.agents(workspace);
    const agent = agents.find((one) => one.id === id);
    if (agent === undefined) throw invalid('meta.agent', `Must be one of ${agents.map((one) => one.id).join(', ')}.`);
    return agent;
  }

  #image(runId: string, id: string, field: string): PromptImage {
    try {
      const { mimeType } = this.#parts.attachments.get(runId, id);
      return { attachment: id, mimeType };
    } catch (error) {
      throw error instanceof AppError ? invalid(field, 'Must be the id of an attachment of this session: upload it first.') : error;
    }
  }

  async #blocks({ runId, workspace }: Host, { text, images, resources }: Prompt, takesImages: boolean): Promise<JsonObject[]> {
    if (images.length > 0 && !takesImages) throw new AppError('conflict', NO_PICTURES);
    const blocks: JsonObject[] = text === '' ? [] : [{ type: 'text', text }];
    for (const { attachment } of images) {
      const { path, mimeType } = this.#parts.attachments.get(runId, attachment);
      const bytes = await Bun.file(path).bytes();
      blocks.push({ type: 'image', mimeType, data: Buffer.from(bytes).toString('base64') });
    }
    for (const { path } of resources) {
      const real = this.#parts.insideWorkspace(workspace.path, path);
      blocks.push({ type: 'resource_link', uri: pathToFileURL(real).href, name: path });
    }
    return blocks;
  }
}

const installWords = ({ install }: Agent): string => (install === null ? '' : `Install it with \`${install}\`, then resume this session.`);

/** By option or category; what was chosen before comes after what the agent begins with. */
function wantedOf({ mode, model, config }: Meta, agent: Agent): Record<string, JsonValue> {
  const first = mode ?? agent.mode;
  return { ...(first === null ? {} : { mode: first }), ...(model === undefined ? {} : { model }), ...config };
}

function checkedMeta(given: JsonObject): Meta {
  const texts = new Map<string, string>();
  let config: Record<string, JsonValue> = {};
  for (const [field, value] of Object.entries(given)) {
    if (field === 'config') {
      if (!isJsonObject(value) || jsonBytes(value, 2) > limits.agentRawBytesMax) throw invalid('meta.config', 'Must be an object of options and their values.');
      config = value;
    } else if (TEXTS.some((name) => name === field)) {
      if (typeof value !== 'string' || value === '' || value.length > limits.agentTitleLengthMax || /\p{Cc}/u.test(value)) {
        throw invalid(`meta.${field}`, `Must be a text of 1 to ${limits.agentTitleLengthMax} characters on one line.`);
      }
      texts.set(field, value);
    } else {
      throw invalid(`meta.${field}`, `A conversation takes ${TEXTS.join(', ')} and config; nothing else.`);
    }
  }
  return {
    agent: texts.get('agent') ?? DEFAULT_AGENT,
    mode: texts.get('mode'),
    model: texts.get('model'),
    agentSessionId: texts.get('agentSessionId'),
    forkFrom: texts.get('forkFrom'),
    config,
  };
}
