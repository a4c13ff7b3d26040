import { ConfigError, type ExitCode } from '../../functions/errors.ts';
import { durationMs } from '../../functions/settings.ts';
import type { Options } from '../commands/command.ts';
import { readText } from '../commands/read-option.ts';
import { formatTable } from '../console/format-table.ts';
import type { Shell } from '../console/shell.ts';
import { nameOf } from '../run/describe-run.ts';
import { findStreams, localPlace } from './status-place.ts';
import { type StreamStatus, streamStatus } from './stream-status.ts';

const STALE = 7;

/** `callhouse status`: how each stream stands, by the commits in the lake; the warehouse may be in use meanwhile. */
export async function statusCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const maxAge = readText(options, 'maxAge') ?? '24h';
  if (!/^\d+[mhd]$/.test(maxAge))
    throw new ConfigError('--max-age is no duration; expected one such as 90m, 24h or 3d');
  const place = options['aws']
    ? await (await import('../aws/stage-place.ts')).stagePlace(options, shell)
    : await localPlace(options, shell);
  const ids = await findStreams(place);
  const judged = { store: place.store, now: Date.now(), maxAgeMs: durationMs(maxAge) };
  const streams = await Promise.all(ids.map((id) => streamStatus(id, judged)));
  const stale = streams.length === 0 || streams.some((stream) => stream.stale);
  const exitCode = options['check'] && stale ? STALE : 0;
  if (options['json']) {
    shell.out.write(
      `${JSON.stringify({ now: new Date(judged.now).toISOString(), dataDir: place.name, stale, streams, exitCode })}\n`,
    );
  } else {
    shell.out.write(
      streams.length === 0 ? `nothing was run in ${place.name} yet; begin with callhouse run\n` : describe(streams),
    );
  }
  if (exitCode === STALE) shell.err.write(`callhouse: ${describeStale(streams, maxAge)}\n`);
  return exitCode;
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
