// What an address may say after its `?`. Names that we do not know are let through unread:
// links gather such, and a newer client may know more than this server.

import type { TProperties } from '@sinclair/typebox';
import { t } from 'elysia';

export const queryOf = <Properties extends TProperties>(properties: Properties) => t.Object(properties, { additionalProperties: true });
