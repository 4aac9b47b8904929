// Composes the routes behind one gate, one error answer and one set of headers. Nothing
// below needs to think of sign-in: what is not listed as open is closed.

import { type AnyElysia, Elysia } from 'elysia';
import { AppError, stackOf } from './errors.ts';
import { limits } from './limits.ts';
import { attachmentRoutes } from './routes/agent-attachments.ts';
import { agentRoutes } from './routes/agents.ts';
import { assetRoutes } from './routes/assets.ts';
import { attachRoutes, websocketOptions } from './routes/attach.ts';
import { readBody } from './routes/body.ts';
import { documentRoutes } from './routes/documents.ts';
import { commandRoutes } from './routes/commands.ts';
import { eventRoutes } from './routes/events.ts';
import { fileSearchRoutes } from './routes/file-search.ts';
import { fileRoutes } from './routes/files.ts';
import { gitRoutes } from './routes/git.ts';
import { inboxRoutes } from './routes/inbox.ts';
import { allowedMethods } from './routes/methods.ts';
import { newsRoutes } from './routes/news.ts';
import { type OpenApiDocument, openApiDocument } from './routes/openapi.ts';
import { pageRoutes } from './routes/page-routes.tsx';
import type { Parts } from './routes/parts.ts';
import { problemOf, problemResponse } from './routes/problem.ts';
import { recordingRoutes } from './routes/recording.ts';
import { replayRoutes } from './routes/replay.ts';
import { reviewRoutes } from './routes/reviews.ts';
import { screenRoutes } from './routes/screen.ts';
import { searchRoutes } from './routes/search.ts';
import { sessionPageRoutes } from './routes/session-page.tsx';
import { sessionRoutes } from './routes/sessions.ts';
import { settingsRoutes } from './routes/settings.ts';
import { accessRoutes, signInRoutes } from './routes/sign-in.tsx';
import { statusRoutes } from './routes/status.ts';
import { trashRoutes } from './routes/trash.ts';
import { treeRoutes } from './routes/tree.ts';
import { workspaceRoutes } from './routes/workspaces.ts';

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self' 'unsafe-inline'",
  "img-src 'self' blob: data:",
  "connect-src 'self'",
  "font-src 'self'",
  "manifest-src 'self'",
  "worker-src 'self'",
  "form-action 'self'",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const SECURITY_HEADERS: Record<string, string> = {
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=()',
  'referrer-policy': 'same-origin',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
};

export type App = ReturnType<typeof createApp>;

export function createApp(parts: Parts) {
  let composed: AnyElysia | undefined;
  const describe = (): OpenApiDocument => openApiDocument(composed ?? new Elysia(), parts.version);
  const app = new Elysia({
    normalize: false,
    systemRouter: false,
    websocket: websocketOptions,
    serve: { maxRequestBodySize: limits.requestBytesMax, reusePort: false, development: false },
  })
    .onError(({ code, error, request, set }) => {
      const { pathname } = new URL(request.url);
      if (code === 'NOT_FOUND') {
        const allowed = allowedMethods(composed?.routes ?? [], pathname);
        if (allowed.length > 0) {
          set.headers.allow = allowed.join(', ');
          return problemResponse(request, new AppError('method', `This address takes ${allowed.join(', ')}.`));
        }
      }
      const problem = problemOf(code, error, request);
      if (problem.unforeseen) parts.report('error', `${request.method} ${pathname}: ${stackOf(error)}`);
      return problemResponse(request, problem.error, () => parts.settings.get('appearance'));
    })
    .onRequest(async ({ request, set, server }) => {
      Object.assign(set.headers, SECURITY_HEADERS);
      set.headers['cache-control'] = 'no-store';
      await parts.gate.check(request, server);
      const { renew } = parts.gate.caller(request);
      if (renew !== null) set.headers['set-cookie'] = renew;
    })
    .onTransform({ as: 'global' }, ({ query }) => {
      // `?status=` is a form's way to say nothing.
      for (const [name, value] of Object.entries(query)) if (value === '') delete query[name];
    })
    .onParse({ as: 'global' }, ({ request }) => readBody(request))
    .use(assetRoutes())
    .use(signInRoutes(parts))
    .use(accessRoutes(parts))
    .use(statusRoutes(parts))
    .use(newsRoutes(parts))
    .use(workspaceRoutes(parts))
    .use(fileRoutes(parts))
    .use(treeRoutes(parts))
    .use(fileSearchRoutes(parts))
    .use(trashRoutes(parts))
    .use(settingsRoutes(parts))
    .use(sessionRoutes(parts))
    .use(eventRoutes(parts))
    .use(recordingRoutes(parts))
    .use(screenRoutes(parts))
    .use(replayRoutes(parts))
    .use(commandRoutes(parts))
    .use(agentRoutes(parts))
    .use(attachmentRoutes(parts))
    .use(documentRoutes(parts))
    .use(gitRoutes(parts))
    .use(reviewRoutes(parts))
    .use(inboxRoutes(parts))
    .use(searchRoutes(parts))
    .use(attachRoutes(parts))
    .use(pageRoutes(parts, describe))
    .use(sessionPageRoutes(parts))
    .get('/api/openapi.json', describe, {
      detail: { tags: ['server'], summary: 'This description of the API' },
    });
  composed = app;
  return app;
}
