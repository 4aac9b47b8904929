// Whether the server is well, and how much it holds.

import { statfsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Elysia, t } from 'elysia';
import { SESSION_STATUSES } from '../sessions/session.ts';
import type { Parts } from './parts.ts';

const Count = t.Integer({ minimum: 0 });

export function statusRoutes(parts: Parts) {
  return new Elysia()
    .get(
      '/healthz',
      () => {
        parts.sessions.list({ limit: 1, offset: 0 }); // Throws, and so answers 500, where the database does not answer.
        return Response.json({ status: 'ok' }, { headers: { 'cache-control': 'no-store' } });
      },
      { detail: { tags: ['server'], summary: 'Whether the server is well; needs no key', security: [] } },
    )
    .get('/api/status', () => statusOf(parts), {
      detail: { tags: ['server'], summary: 'Version, counts and sizes' },
      response: t.Object({
        version: t.String(),
        started: t.String({ format: 'date-time' }),
        uptimeMs: Count,
        counts: t.Object({
          workspaces: Count,
          sessions: t.Object(Object.fromEntries(['total', ...SESSION_STATUSES].map((status) => [status, Count]))),
          clients: Count,
        }),
        sizes: t.Object({ databaseBytes: Count, walBytes: Count, historyBytes: Count, diskFreeBytes: Count, memoryBytes: Count }),
        warnings: t.Array(
          t.Object({
            code: t.String(),
            message: t.String(),
            sessionId: t.Optional(t.String()),
            bytes: Count,
            limit: Count,
          }),
          { description: 'Histories near a cap of the settings: past it the oldest events are dropped.' },
        ),
      }),
    });
}

function statusOf(parts: Parts) {
  const countOf = (status?: (typeof SESSION_STATUSES)[number]): number => parts.sessions.list({ status, limit: 1, offset: 0 }).pagination.total;
  const workspaces = (['active', 'archived'] as const).map((status) => parts.workspaces.list({ status, limit: 1, offset: 0 }).pagination.total);
  const disk = statfsSync(parts.dataFolder);
  return {
    version: parts.version,
    started: new Date(parts.started).toISOString(),
    uptimeMs: Date.now() - parts.started,
    counts: {
      workspaces: workspaces.reduce((sum, count) => sum + count, 0),
      sessions: Object.fromEntries([['total', countOf()], ...SESSION_STATUSES.map((status) => [status, countOf(status)] as const)]),
      clients: parts.sessions.clientCount(),
    },
    sizes: {
      databaseBytes: sizeOf(join(parts.dataFolder, 'dispatch.db')),
      walBytes: sizeOf(join(parts.dataFolder, 'dispatch.db-wal')),
      historyBytes: parts.compaction.totalBytes,
      diskFreeBytes: disk.bavail * disk.bsize,
      memoryBytes: process.memoryUsage.rss(),
    },
    warnings: parts.compaction.warnings(),
  };
}

const sizeOf = (file: string): number => statSync(file, { throwIfNoEntry: false })?.size ?? 0;
