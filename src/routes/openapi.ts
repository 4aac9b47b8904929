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
    conflict: { type: 'object', properties: { limit: { type: 'string' }, sessions: { type: 'array', items: { type: 'string' } } } },
  },
};

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
    paths: Object.fromEntries(api.map(([path, item]) => [path, { ...item }])),
    components: {
      schemas: { ...components.schemas, Error: ERROR_SCHEMA },
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', description: 'The access key.' },
        cookie: { type: 'apiKey', in: 'cookie', name: 'dispatch-PORT' },
      },
    },
  };
}
