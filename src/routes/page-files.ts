// What browsers ask for by themselves, and what an installed page needs; all of it is open.

import { Elysia } from 'elysia';
import { assetUrl, findAsset } from '../assets.ts';
import { AppError } from '../errors.ts';
import { offlinePage } from '../views/offline.tsx';
import { html } from './html.ts';
import { HIDDEN } from './page-answer.ts';

const SHORT_CACHE = { 'cache-control': 'public, max-age=86400' };

export function pageFileRoutes() {
  return new Elysia()
    .get(
      '/favicon.ico',
      () => {
        const icon = findAsset(assetUrl('icon.svg').replace('/assets/', ''));
        if (icon === undefined) throw new AppError('not_found', 'There is no icon.');
        return new Response(icon.bytes, { headers: { 'content-type': icon.type, ...SHORT_CACHE } });
      },
      HIDDEN,
    )
    .get(
      '/manifest.webmanifest',
      () =>
        new Response(JSON.stringify(manifest()), {
          headers: { 'content-type': 'application/manifest+json', ...SHORT_CACHE },
        }),
      HIDDEN,
    )
    .get('/offline', () => html(offlinePage()), HIDDEN)
    .get(
      '/service-worker.js',
      () =>
        new Response(serviceWorker(), {
          headers: { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'no-cache' },
        }),
      HIDDEN,
    );
}

/** The page without the server, and what it loads. */
function serviceWorker(): string {
  const files = ['app.css', 'icon.svg', 'offline.js'].map((name) => assetUrl(name));
  const script = findAsset(assetUrl('service-worker.js').replace('/assets/', ''));
  const version = files[0]?.split('/')[2] ?? '';
  const given = `const VERSION = ${JSON.stringify(version)}; const OFFLINE = '/offline'; const FILES = ${JSON.stringify(files)};`;
  return `${given}\n${Buffer.from(script?.bytes ?? []).toString()}`;
}

function manifest() {
  return {
    name: 'Dispatch',
    short_name: 'Dispatch',
    start_url: '/',
    scope: '/',
    display: 'standalone',
    background_color: '#13181a',
    theme_color: '#13181a',
    icons: [
      { src: assetUrl('icon.svg'), sizes: 'any', type: 'image/svg+xml' },
      { src: assetUrl('icon-512.png'), sizes: '512x512', type: 'image/png' },
      { src: assetUrl('icon-180.png'), sizes: '180x180', type: 'image/png' },
    ],
  };
}
