// The API described as OpenAPI 3, made from the routes themselves.

import { toOpenAPISchema } from '@elysiajs/openapi';
import type { AnyElysia } from 'elysia';
import { ERROR_STATUS } from '../errors.ts';

const ERROR_SCHEMA = {
  type: 'object',
  required: ['error', 'message'],
  properties: {
    error: { type: 'string', enum: Object.keys(ERROR_STATUS) },
    message: { type: 'string' },
    fields: { type: 'object', additionalProperties: { type: 'string' } },
    conflict: { type: 'object', properties: { limit: { type: 'string' }, sessions: { type: 'array', items: { type: 'string' } }, decision: {}, changes: {}, document: {} } },
  },
};

/** OpenAPI has no word for a parameter with slashes in it. */
const REST_OF_PATH = { name: 'path', in: 'path', required: true, schema: { type: 'string' }, description: 'From the workspace down, its slashes as they are, all else percent-encoded.' };

export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description: string };
  security: Record<string, string[]>[];
  paths: Record<string, Record<string, unknown>>;
  components: Record<string, unknown>;
}

export function openApiDocument(app: AnyElysia, version: string): OpenApiDocument {
  const { paths, components } = toOpenAPISchema(app);
  const api = Object.entries(paths).filter(([path]) => path.startsWith('/api/') || path === '/healthz');
  return {
    openapi: '3.0.3',
    info: {
      title: 'Dispatch',
      version,
      description: 'Workspaces and long-lived sessions on your own machine. Times are ISO 8601 UTC. Every error is `{ error, message, fields? }`.',
    },
    security: [{ bearer: [] }, { cookie: [] }],
    paths: Object.fromEntries(api.map(([path, item]) => [path.replace(/\*$/, '{path}'), operationsOf(path, { ...item })])),
    components: {
      schemas: { ...components.schemas, Error: ERROR_SCHEMA },
      responses: { Error: { description: 'What is wrong', content: { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } } } },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The access key.' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'dispatch-PORT' },
      },
    },
  };
}

/** Every operation under a method that OpenAPI knows, with what it answers. */
function operationsOf(path: string, item: Record<string, unknown>): Record<string, unknown> {
  const operations: Record<string, unknown> = {};
  for (const [method, operation] of Object.entries(item)) {
    if (typeof operation !== 'object' || operation === null) continue;
    const known = 'responses' in operation && typeof operation.responses === 'object' ? operation.responses : {};
    const success = known !== null && Object.keys(known).length > 0 ? known : { [usualStatus(path, method)]: { description: 'Done' } };
    const parameters = 'parameters' in operation && Array.isArray(operation.parameters) ? operation.parameters : [];
    operations[method === 'ws' ? 'get' : method] = { ...operation, ...(path.endsWith('*') ? { parameters: [REST_OF_PATH, ...parameters] } : {}), responses: { ...success, default: { $ref: '#/components/responses/Error' } } };
  }
  return operations;
}

/** Of an operation that does not say. */
function usualStatus(path: string, method: string): number {
  if (method === 'ws') return 101;
  if (method === 'delete' || /\/(input|resize)$/.test(path)) return 204;
  return path === '/api/links' ? 201 : 200;
}
