import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { StreamId } from '../../functions/commit.ts';
import { ConfigError, type ExitCode } from '../../functions/errors.ts';
import { listSources } from '../../functions/registry.ts';
import { durationMs } from '../../functions/settings.ts';
import type { Options } from '../commands/command.ts';
import { readDataDir, readText } from '../commands/read-option.ts';
import { readConfigFile } from '../config-file.ts';
import { formatTable } from '../console/format-table.ts';
import type { Shell } from '../console/shell.ts';
import { type DataDir, dataDirAt, isDataDir } from '../data-dir.ts';
import { withDotenv } from '../dotenv.ts';
import { variableOf } from '../env-secrets.ts';
import { withEnvironment } from '../env-settings.ts';
import { fsStore } from '../fs-store.ts';
import { nameOf } from '../run/describe-run.ts';
import { accountsOf } from '../run/select-targets.ts';
import { type StreamStatus, streamStatus } from './stream-status.ts';

const STALE = 7;

/** `callhouse status`: how each stream stands, by the commits in the lake; the warehouse may be in use meanwhile. */
export async function statusCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const maxAge = readText(options, 'maxAge') ?? '24h';
  if (!/^\d+[mhd]$/.test(maxAge))
    throw new ConfigError('--max-age is no duration; expected one such as 90m, 24h or 3d');
  const dir = dataDirAt(readDataDir(options, shell));
  const ids = await findStreams(dir, options, shell);
  const judged = { store: fsStore(dir.lake), now: Date.now(), maxAgeMs: durationMs(maxAge) };
  const streams: StreamStatus[] = [];
  for (const id of ids) streams.push(await streamStatus(id, judged));
  const stale = streams.length === 0 || streams.some((stream) => stream.stale);
  const exitCode = options['check'] && stale ? STALE : 0;
  if (options['json']) {
    shell.out.write(
      `${JSON.stringify({ now: new Date(judged.now).toISOString(), dataDir: dir.path, stale, streams, exitCode })}\n`,
    );
  } else {
    shell.out.write(
      streams.length === 0 ? `nothing was run in ${dir.path} yet; begin with callhouse run\n` : describe(streams),
    );
  }
  if (exitCode === STALE) shell.err.write(`callhouse: ${describeStale(streams, maxAge)}\n`);
  return exitCode;
}

/** Every stream that has a log, and every stream of an account that is configured. */
async function findStreams(dir: DataDir, options: Options, shell: Shell): Promise<readonly StreamId[]> {
  const sources = await listSources();
  const env = withDotenv(shell.cwd, shell.env);
  const settings = withEnvironment(await readConfigFile(readText(options, 'config'), shell.cwd), sources, env);
  const isThere = await isDataDir(dir);
  const ids: StreamId[] = [];
  for (const source of sources) {
    const configured = accountsOf(source, { settings, env });
    const folder = join(dir.lake, 'commits', source.name);
    const accounts = new Set([...configured, ...(isThere ? await foldersIn(folder) : [])]);
    for (const account of accounts) {
      const known = new Set(await foldersIn(join(folder, account)));
      const expected = Object.entries(source.streams).filter(
        ([, { unless }]) => unless === undefined || !env[variableOf(unless, account)],
      );
      for (const [stream] of expected) known.add(stream);
      for (const stream of known) ids.push({ source: source.name, account, stream });
    }
  }
  return ids;
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => []);
  return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

function describe(streams: readonly StreamStatus[]): string {
  const columns = [
    'stream',
    'state',
    'last whole run',
    'data to',
    'lag',
    'rows changed (24 h)',
    'refused (24 h)',
    'to load',
  ];
  const rows = streams.map((stream) => [
    nameOf(stream.source, stream.account, stream.stream),
    stream.state,
    stream.lastOkAt?.slice(0, 16).replace('T', ' ') ?? 'never',
    stream.dataTo?.slice(0, 16).replace('T', ' ') ?? '',
    describeLag(stream.lagMinutes),
    stream.changedIn24h,
    stream.rejectedIn24h,
    stream.toLoad,
  ]);
  return formatTable(columns, rows);
}

function describeLag(minutes: number | null): string {
  if (minutes === null) return '';
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

function describeStale(streams: readonly StreamStatus[], maxAge: string): string {
  if (streams.length === 0) return 'stale: nothing was run yet; begin with callhouse run';
  const names = streams
    .filter(({ stale }) => stale)
    .map(({ source, account, stream }) => nameOf(source, account, stream));
  return `stale: no whole run for ${maxAge} of ${names.join(', ')}; run callhouse run and read what it says`;
}
