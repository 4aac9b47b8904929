// One running server: every part made and wired here, and ended in the reverse order.

import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { version } from '../package.json';
import { type App, createApp } from './app.ts';
import { Auth } from './auth/auth.ts';
import { OwnOrigins } from './auth/origin.ts';
import { reasonsOf, recordBoot, recordCleanStop } from './boot.ts';
import { Changes } from './changes.ts';
import { type Config, ConfigError } from './config.ts';
import { openConversations } from './conversations.ts';
import { openEditors } from './editors.ts';
import { DeviceRows } from './db/devices.ts';
import { Events } from './db/events.ts';
import { Facts } from './db/facts.ts';
import { Keyframes } from './db/keyframes.ts';
import { LayoutRows } from './db/layouts.ts';
import { type OpenDatabase, openDatabase } from './db/open.ts';
import { Packs } from './db/packs.ts';
import { SessionRows } from './db/sessions.ts';
import { SettingRows } from './db/settings.ts';
import { Snapshots } from './db/snapshots.ts';
import { WorkspaceRows } from './db/workspaces.ts';
import { startSearch } from './file-search-process.ts';
import { FileSearch } from './files/search.ts';
import { Trash } from './files/trash.ts';
import { childEnvironment } from './pty/environment.ts';
import { Holding } from './pty/holding.ts';
import { openKeeping } from './keeping.ts';
import { openPast } from './past.ts';
import { TerminalKind } from './pty/kind.ts';
import { RecordRules } from './pty/record-rule.ts';
import { ShellIntegration } from './pty/shell/integration.ts';
import { reportTo } from './report.ts';
import { openRepositories } from './repositories.ts';
import { Gate } from './routes/gate.ts';
import type { Parts } from './routes/parts.ts';
import { openScreens } from './screens.ts';
import { openSearch } from './searching.ts';
import { Sessions } from './sessions/sessions.ts';
import { Layouts } from './settings/layouts.ts';
import { Settings } from './settings/settings.ts';
import { PathPolicy } from './workspaces/path-policy.ts';
import { Workspaces } from './workspaces/workspaces.ts';

export interface RunningServer {
  /** Address to show: the first public origin, else the bound one. */
  url: string;
  parts: Parts;
  app: App;
  /** The key that was made at a first start: to be shown once. */
  madeKey: string | null;
  /** Ends every session and connection, then closes the database. */
  stop(): Promise<void>;
}

/** @throws ConfigError, AppError with a line for the operator */
export async function startServer(config: Config, environment: Record<string, string | undefined>): Promise<RunningServer> {
  const database = openData(config.dataFolder);
  const facts = new Facts(database.db);
  let holding: Holding | undefined;
  try {
    const changes = new Changes();
    const report = reportTo(config.logLevel, (line) => process.stderr.write(line));
    const opening = Auth.open({ facts, devices: new DeviceRows(database.db), changes, chosenKey: config.key });
    opening.catch(() => {}); // Waited for below: hashing a key takes as long as much of what lies between.
    const boot = recordBoot(facts, config.holder);
    holding = await Holding.open({ dataFolder: config.dataFolder, holder: config.holder, report: (line) => report('error', line) });
    const { epoch } = boot;
    const policy = new PathPolicy({ roots: config.roots, dataFolder: config.dataFolder });
    const settings = new Settings({ rows: new SettingRows(database.db), changes });
    const workspaces: Workspaces = new Workspaces({
      rows: new WorkspaceRows(database.db),
      policy,
      changes,
      sessions: () => sessions,
      checkMetadata: (metadata) => settings.checkOverrides(metadata),
    });
    const recordRules = new RecordRules(changes, (id) => settings.effective('terminal', workspaces.get(id).metadata).recordInput);
    const snapshots = new Snapshots(database.db);
    const keyframes = new Keyframes(database.db);
    const shellIntegration = new ShellIntegration(config.dataFolder);
    const terminals: TerminalKind = new TerminalKind({
      insideWorkspace: (folder, candidate) => policy.inside(folder, candidate),
      recordInput: ({ id }) => recordRules.of(id),
      defaultShell: ({ metadata }) => settings.effective('workspaces', metadata).defaultShell,
      integrate: (launch, { metadata }) => (settings.effective('terminal', metadata).shellIntegration ? shellIntegration.apply(launch) : launch),
      environment,
      programs: holding,
      screens: () => screens,
      derivedThrough: (id) => snapshots.derivedThrough(id),
    });
    const packs = new Packs(database.db);
    const events = new Events(database, packs);
    const conversations = openConversations({
      dataFolder: config.dataFolder,
      settings,
      policy,
      changes,
      environment,
      sessions: () => sessions,
      holding,
      report: (line) => report('error', line),
    });
    const editors = openEditors({
      db: database.db,
      settings,
      changes,
      sessions: () => sessions,
      workspaces,
      report: (line) => report('error', line),
    });
    const sessions: Sessions = new Sessions({
      rows: new SessionRows(database.db),
      events,
      kinds: [terminals, conversations.kind, editors.kind],
      workspaces,
      changes,
    });
    const screens = openScreens({
      dataFolder: config.dataFolder,
      snapshots,
      keyframes,
      settings,
      workspaces,
      sessions,
      changes,
      terminal: (id) => terminals.terminal(id),
      report: (line) => report('error', line),
    });
    const past = openPast({ dataFolder: config.dataFolder, keyframes, report: (line) => report('error', line) });
    const { git, reviews } = openRepositories({ dataFolder: config.dataFolder, db: database.db, changes, policy, environment });
    const { gone, lost } = reasonsOf(boot);
    sessions.recover(gone, lost);
    holding.dropRest();
    void holding.reportOthers();
    const { compaction, retention } = openKeeping({
      database,
      events,
      packs,
      settings,
      changes,
      report: (line) => report('error', line),
    });
    const search = openSearch({ dataFolder: config.dataFolder, epoch, changes, report: (line) => report('error', line) });
    let origins: OwnOrigins | undefined;
    let port = config.port;
    const ownOrigins = (): OwnOrigins =>
      (origins ??= new OwnOrigins({ host: config.host, port, tls: config.tls !== null, origins: config.origins }));
    const { auth, madeKey } = await opening;
    const gate = new Gate({ auth, origins: ownOrigins, port: () => port, proxies: config.proxies });
    const trash = new Trash(join(config.dataFolder, 'trash'), Date.now, (text) => report('warn', text));
    const fileSearch = new FileSearch({
      spawn: startSearch,
      environment: childEnvironment('', environment, {}),
    });
    const parts: Parts = {
      version,
      started: Date.now(),
      dataFolder: config.dataFolder,
      epoch,
      auth,
      gate,
      changes,
      workspaces,
      sessions,
      terminals,
      screens,
      past,
      snapshots,
      conversations,
      editors,
      fileSearch,
      trash,
      search,
      compaction,
      settings,
      git,
      reviews,
      layouts: new Layouts({ rows: new LayoutRows(database.db), workspaces }),
      origins: ownOrigins,
      report,
    };
    conversations.begin();
    const app = createApp(parts);
    try {
      listen(app, config);
    } catch (error) {
      if (madeKey !== null) facts.delete('key_hash'); // Nobody has seen it: the next start makes another.
      throw error;
    }
    port = app.server?.port ?? port;
    retention.start();
    trash.start();
    compaction.start();
    const url = ownOrigins().main;
    const local = join(config.dataFolder, 'server.json');
    writeFileSync(local, JSON.stringify({ url: localUrl(config, port), pid: process.pid, token: auth.localToken }), { mode: 0o600 });
    chmodSync(local, 0o600);
    const stop = async (): Promise<void> => {
      rmSync(local, { force: true });
      void app.server?.stop(); // Who is sent away and comes back at once must not find us again.
      retention.dispose();
      trash.dispose();
      await compaction.dispose();
      await sessions.shutdown();
      holding?.dispose();
      await search.dispose();
      await screens.dispose();
      await past.dispose();
      await app.server?.stop(true);
      git.dispose();
      conversations.dispose();
      workspaces.dispose();
      recordCleanStop(facts);
      database.dispose();
    };
    let stopping: Promise<void> | undefined;
    return { url, parts, app, madeKey, stop: () => (stopping ??= stop()) };
  } catch (error) {
    holding?.dispose();
    database.dispose();
    throw error;
  }
}

/** @throws ConfigError where the folder cannot be used; AppError for what lies in it */
function openData(folder: string): OpenDatabase {
  try {
    return openDatabase(folder);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!['EACCES', 'EEXIST', 'ENOENT', 'ENOTDIR', 'EPERM', 'EROFS', 'ENAMETOOLONG', 'ELOOP'].includes(code)) throw error;
    throw new ConfigError(`DISPATCH_DATA=${folder}: the folder cannot be made or used (${code})`);
  }
}

/** @throws ConfigError where the address cannot be had */
function listen(app: App, config: Config): void {
  try {
    app.listen({
      hostname: config.host,
      port: config.port,
      ...(config.tls === null ? {} : { tls: { cert: Bun.file(config.tls.cert), key: Bun.file(config.tls.key) } }),
    });
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : '';
    if (code === 'EADDRINUSE') throw new ConfigError(`PORT=${config.port}: another program listens there on ${config.host}; choose another, or 0 for a free one`);
    if (config.tls !== null && /TLS|SSL|PEM|key|cert/i.test(String(error))) {
      throw new ConfigError(`TLS_CERT=${config.tls.cert} TLS_KEY=${config.tls.key}: do not work together (${error instanceof Error ? error.message : String(error)})`);
    }
    throw new ConfigError(`HOST=${config.host} PORT=${config.port}: cannot listen there (${error instanceof Error ? error.message : String(error)})`);
  }
}

/** Where this machine's own command line finds the server. */
function localUrl(config: Config, port: number): string {
  const any = ['0.0.0.0', '::', '[::]'].includes(config.host);
  const host = any ? '127.0.0.1' : config.host.includes(':') && !config.host.startsWith('[') ? `[${config.host}]` : config.host;
  return `${config.tls === null ? 'http' : 'https'}://${host}:${port}`;
}
