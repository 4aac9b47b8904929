// What pages load: public, the same for everyone, kept by browsers for ever under its hash.

import { Elysia } from 'elysia';
import { findAsset } from '../assets.ts';
import { AppError } from '../errors.ts';

export function assetRoutes() {
  return new Elysia().get(
    '/assets/*',
    ({ params }) => {
      const asset = findAsset(params['*']);
      if (asset === undefined) throw new AppError('not_found', 'There is no such file: reload the page.');
      return new Response(asset.bytes, {
        headers: { 'content-type': asset.type, 'cache-control': 'public, max-age=31536000, immutable' },
      });
    },
    { detail: { hide: true } },
  );
}
