// What an agent asks: a permission as buttons, a question as a form. Both work without script;
// what was decided stays, with who decided it.

import { Html } from '@elysiajs/html';
import type { AgentRequest, Decision, PermissionOption } from '../agent/requests.ts';
import type { ItemContext } from './conversation-parts.tsx';
import { safeAddress } from './markdown.ts';
import { plain, typed } from './text.tsx';
import { ago } from './time.tsx';

type Json = Readonly<Record<string, unknown>>;

/** While it waits. */
export function requestForm(request: AgentRequest, context: Pick<ItemContext, 'sessionId'>): JSX.Element {
  return request.type === 'permission' ? permissionForm(request, context.sessionId) : questionForm(request, context.sessionId);
}

/** Once it is decided, or can be decided no more. */
export function requestOutcome({ type, decision, question }: AgentRequest, context: ItemContext): JSX.Element {
  const by = decision === null ? '' : who(decision, context);
  return (
    <p class={`outcome outcome-${decision?.outcome ?? 'interrupted'}`}>
      {type === 'question' ? <span class="outcome-asked" safe>{plain(String(question.message ?? ''))}</span> as 'safe' : ''}
      <strong safe>{words(type, decision)}</strong>
      {by === '' ? '' : <span class="muted" safe>{` ${plain(by)}`}</span> as 'safe'}
      {decision === null ? '' : <span class="muted"> · {ago(decision.at) as 'safe'}</span> as 'safe'}
    </p>
  );
}

function who({ by }: Decision, { devices, here }: ItemContext): string {
  if (by === here || by === 'agent' || by === 'server') return '';
  return by === 'api' ? 'by a program' : `on ${devices.get(by) ?? 'another device'}`;
}

function words(type: AgentRequest['type'], decision: Decision | null): string {
  if (decision === null || decision.outcome === 'interrupted') return 'Not decided: the agent that asked is gone. Resume, and it asks again if it still needs it.';
  if (decision.outcome === 'cancelled') return 'Not decided: the turn was cancelled.';
  if (type === 'question' && decision.optionId === 'decline') return 'Not answered.';
  return plain(decision.name ?? decision.optionId ?? 'Decided');
}

const LOOK: Record<string, string> = { allow_once: 'button-primary', reject_once: 'button-bad', reject_always: 'button-bad' };

function permissionForm({ id, options, title }: AgentRequest, sessionId: string): JSX.Element {
  const address = `/sessions/${sessionId}/permissions/${id}`;
  return (
    <form class="decide" id={`r${id}`} method="post" action={address} hx-post={address} hx-swap="none" hx-disable="find button" aria-label={typed(`Decide: ${plain(title)}`)}>
      <p class="decide-ask"><span class="lamp lamp-needs_you" aria-hidden="true"></span> The agent asks whether it may.</p>
      <div class="decide-options">{options.map((option) => optionButton(option))}</div>
    </form>
  );
}

function optionButton({ optionId, name, kind }: PermissionOption): JSX.Element {
  return (
    <button class={`button ${Object.hasOwn(LOOK, kind) ? LOOK[kind] : ''}`.trim()} name="optionId" value={typed(optionId)} safe>
      {plain(name)}
    </button>
  );
}

function questionForm({ id, question }: AgentRequest, sessionId: string): JSX.Element {
  const address = `/sessions/${sessionId}/questions/${id}`;
  const required = Array.isArray(question.required) ? question.required : [];
  const fields = Object.entries((question.properties ?? {}) as Json);
  const url = typeof question.url === 'string' ? safeAddress(question.url) : undefined;
  return (
    <form class="decide question" id={`r${id}`} method="post" action={address} hx-post={address} hx-swap="none" hx-disable="find button">
      <p class="decide-ask"><span class="lamp lamp-needs_you" aria-hidden="true"></span> <span safe>{plain(String(question.message ?? 'The agent has a question.'))}</span></p>
      {url === undefined ? '' : <p><a href={url} target="_blank" rel="noopener noreferrer" safe>{url}</a></p> as 'safe'}
      {fields.map(([name, field]) => questionField(id, name, (field ?? {}) as Json, required.includes(name)))}
      <div class="decide-options">
        <button class="button button-primary" name="action" value="accept">{url === undefined ? 'Answer' : 'I did it'}</button>
        <button class="button button-quiet" name="action" value="decline" formnovalidate>Do not answer</button>
      </div>
    </form>
  );
}

interface Choice {
  value: string;
  label: string;
  description: string;
}

/** The kinds of field that a form of the protocol may have. */
function questionField(id: string, name: string, field: Json, required: boolean): JSX.Element {
  const label = plain(String(field.title ?? name));
  const key = typed(`${id}-${name}`);
  const attribute = typed(`field.${name}`);
  const choices = choicesOf(field);
  if (choices.length > 0) {
    const many = field.type === 'array';
    return (
      <fieldset class="question-field">
        <legend class="legend-plain" safe>{label}</legend>
        {hint(field) as 'safe'}
        {choices.map(({ value, label: text, description }) => (
          <label class="check choice">
            <input type={many ? 'checkbox' : 'radio'} name={attribute} value={typed(value)} required={required && !many} />
            <span>
              <span safe>{plain(text)}</span>
              {description === '' ? '' : <span class="hint" safe>{plain(description)}</span> as 'safe'}
            </span>
          </label>
        ))}
      </fieldset>
    );
  }
  if (field.type === 'boolean') {
    return (
      <label class="check"><input type="checkbox" name={attribute} value="true" /> <span safe>{label}</span></label>
    );
  }
  const number = field.type === 'number' || field.type === 'integer';
  return (
    <div class="field question-field">
      <label for={key} safe>{label}</label>
      <input id={key} name={attribute} type={number ? 'number' : 'text'} step={number && field.type === 'number' ? 'any' : undefined} required={required} autocomplete="off" />
      {hint(field) as 'safe'}
    </div>
  );
}

const hint = ({ description }: Json): JSX.Element => (typeof description === 'string' ? <p class="hint" safe>{plain(description)}</p> : <></>);

function choicesOf(field: Json): Choice[] {
  const items = (field.items ?? {}) as Json;
  const titled = [field.oneOf, items.anyOf, items.oneOf].find(Array.isArray) as Json[] | undefined;
  if (titled !== undefined) {
    return titled.map((one) => ({ value: String(one.const ?? ''), label: String(one.title ?? one.const ?? ''), description: String(one.description ?? '') }));
  }
  const plainValues = [field.enum, items.enum].find(Array.isArray) as unknown[] | undefined;
  return (plainValues ?? []).map((value) => ({ value: String(value), label: String(value), description: '' }));
}
