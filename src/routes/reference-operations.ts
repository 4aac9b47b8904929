// The API's description as the reference page shows it: operations in groups, schemas as
// indented JSON. Whatever the document lacks is left out, not guessed.

import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';
import type { Operation, OperationGroup } from '../views/reference.tsx';
import type { OpenApiDocument } from './openapi.ts';

const METHODS = ['get', 'post', 'put', 'patch', 'delete'];

/** Operations that have `q` in their method, path, summary or tag; all for an empty one. */
export function operationsOf({ paths }: OpenApiDocument, q: string): OperationGroup[] {
  const groups = new Map<string, Operation[]>();
  const wanted = q.toLowerCase();
  for (const [path, item] of Object.entries(paths)) {
    for (const method of METHODS) {
      const described = plain(item[method]);
      if (!isJsonObject(described)) continue;
      const operation = operationOf(method, path, described);
      const { group, ...shown } = operation;
      if (![method, path, shown.summary, group].join(' ').toLowerCase().includes(wanted)) continue;
      groups.set(group, [...(groups.get(group) ?? []), shown]);
    }
  }
  return [...groups]
    .map(([name, operations]) => ({ name, operations }))
    .sort((one, other) => one.name.localeCompare(other.name));
}

function operationOf(method: string, path: string, described: JsonObject): Operation & { group: string } {
  const { summary, description, parameters, requestBody, responses, tags } = described;
  return {
    group: textIn(Array.isArray(tags) ? tags[0] : undefined) || 'other',
    method,
    path,
    summary: textIn(summary),
    description: textIn(description),
    parameters: (Array.isArray(parameters) ? parameters : []).filter(isJsonObject).map((parameter) => ({
      name: textIn(parameter.name),
      place: textIn(parameter.in),
      // One with a default need not be given, whatever its maker says.
      required: parameter.required === true && !shortSchema(parameter.schema).includes('default '),
      schema: shortSchema(parameter.schema),
    })),
    body: schemaText(isJsonObject(requestBody) ? requestBody.content : undefined),
    responses: (isJsonObject(responses) ? Object.entries(responses) : []).map(([status, response]) => ({
      status,
      description: isJsonObject(response) ? textIn(response.description) : '',
      schema: schemaText(isJsonObject(response) ? response.content : undefined),
    })),
  };
}

/** Without what is no JSON (symbols and functions of the schemas' maker). */
const plain = (value: unknown): JsonValue =>
  value === undefined ? null : (JSON.parse(JSON.stringify(value)) as JsonValue);

const textIn = (value: JsonValue | undefined): string => (typeof value === 'string' ? value : '');

function schemaText(content: JsonValue | undefined): string {
  if (!isJsonObject(content)) return '';
  const json = content['application/json'] ?? Object.values(content)[0];
  if (!isJsonObject(json) || json.schema === undefined) return '';
  return JSON.stringify(json.schema, null, 2);
}

/** `integer 1–1000, default 50` */
function shortSchema(schema: JsonValue | undefined): string {
  if (!isJsonObject(schema)) return '';
  const choices = [schema.anyOf, schema.oneOf].find(Array.isArray);
  if (choices !== undefined) {
    const shown = choices.filter(isJsonObject);
    const numbers = shown.filter(({ type }) => type === 'integer' || type === 'number');
    // A number in a query may come as a text: that goes without saying.
    return (numbers.length > 0 ? numbers : shown).map(shortSchema).join(' | ');
  }
  if (Array.isArray(schema.enum)) return schema.enum.map(String).join(' | ');
  if (schema.const !== undefined) return String(schema.const);
  const type = textIn(schema.type);
  const { minimum, maximum } = schema;
  const range =
    typeof minimum === 'number' || typeof maximum === 'number'
      ? ` ${minimum ?? ''}–${maximum === Number.MAX_SAFE_INTEGER ? '' : (maximum ?? '')}`
      : '';
  const initial = schema.default === undefined ? '' : `, default ${JSON.stringify(schema.default)}`;
  return `${type}${range}${initial}`;
}
