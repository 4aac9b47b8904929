// Every page but the terminal's and the sign-in, composed.

import { Elysia } from 'elysia';
import { accessPageRoutes } from './page-access.ts';
import { changesPageRoutes } from './page-changes.ts';
import { commandPageRoutes } from './page-commands.ts';
import { conversationPageRoutes } from './page-conversation.ts';
import { homeRoutes } from './page-home.ts';
import { editorPageRoutes } from './page-editor.ts';
import { pageFileRoutes } from './page-files.ts';
import { inboxPageRoutes } from './page-inbox.ts';
import { replayPageRoutes } from './page-replay.ts';
import { referencePageRoutes } from './page-reference.ts';
import { sessionFormRoutes } from './page-sessions.ts';
import { searchPageRoutes } from './page-search.ts';
import { settingsPageRoutes } from './page-settings.ts';
import { searchFilesPageRoutes } from './page-search-files.ts';
import { treePageRoutes } from './page-tree.ts';
import { workbenchRoutes } from './page-workbench.ts';
import { workspacePageRoutes } from './page-workspace.ts';
import { workspacesPageRoutes } from './page-workspaces.ts';
import { paletteRoutes } from './palette.ts';
import type { OpenApiDocument } from './openapi.ts';
import type { Parts } from './parts.ts';

/** @param describe gives the API's description, once every route is there */
export function pageRoutes(parts: Parts, describe: () => OpenApiDocument) {
  return new Elysia()
    .use(pageFileRoutes())
    .use(homeRoutes(parts))
    .use(workspacesPageRoutes(parts))
    .use(workspacePageRoutes(parts))
    .use(workbenchRoutes(parts))
    .use(changesPageRoutes(parts))
    .use(treePageRoutes(parts))
    .use(searchFilesPageRoutes(parts))
    .use(sessionFormRoutes(parts))
    .use(conversationPageRoutes(parts))
    .use(editorPageRoutes(parts))
    .use(replayPageRoutes(parts))
    .use(commandPageRoutes(parts))
    .use(inboxPageRoutes(parts))
    .use(searchPageRoutes(parts))
    .use(accessPageRoutes(parts))
    .use(paletteRoutes(parts))
    .use(settingsPageRoutes(parts))
    .use(referencePageRoutes(parts, describe));
}
