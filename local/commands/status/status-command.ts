import { type CallhouseError, ConfigError, type ExitCode, WarehouseBusyError } from '../../../functions/errors.ts';
import { durationMs, isDuration } from '../../../functions/time.ts';
import { formatTable } from '../../console/format-table.ts';
import { ownCommand } from '../../console/own-command.ts';
import { oneLine } from '../../console/print-error.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { describeHeld } from '../confirm-removals/describe-held.ts';
import { readText } from '../read-option.ts';
import { nameOf } from '../run/describe-run.ts';
import { findStreams, localPlace } from './status-place.ts';
import { type StreamStatus, streamStatus } from './stream-status.ts';

const ALERT = 7;

/** `callhouse status`: shows each stream's commits, and which of them the warehouse holds. The warehouse may be in use meanwhile. */
export async function statusCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const maxAge = readText(options, 'maxAge') ?? '24h';
  // An age of 0, which no duration of a setting may be, makes each stream stale: monitoring is tried out with it.
  if (!isDuration(maxAge) && !/^0[mhd]$/.test(maxAge))
    throw new ConfigError('--max-age is not a valid duration: expected e.g. 90m, 24h or 3d');
  const place = options['aws']
    ? await (await import('../../aws/stage-place.ts')).stagePlace(options, shell)
    : await localPlace(options, shell);
  const ids = await findStreams(place);
  const { loadedUpTo, faultOf, failure } = await place.look(ids);
  if (failure) shell.err.write(`callhouse: warning: ${describeFailure(failure)}\n`);
  const judged = { store: place.store, now: Date.now(), maxAgeMs: durationMs(maxAge), loadedUpTo, faultOf };
  const streams = await Promise.all(ids.map((id) => streamStatus(id, judged)));
  const stale = streams.length === 0 || streams.some((stream) => stream.stale);
  const alarms = streams.flatMap(({ heldRemovals, fault, ...id }) => [
    ...(fault === null ? [] : [`${nameOf(id.source, id.account, id.stream)}: ${fault}`]),
    ...(heldRemovals ? [describeHeld({ ...id, ...heldRemovals }, options, shell)] : []),
  ]);
  const { broken = [], unused = [] } = place.wrong ?? {};
  for (const { error } of unused) shell.err.write(`callhouse: warning: ${oneLine(error.message)}\n`);
  for (const { error } of broken) shell.err.write(`callhouse: ${oneLine(error.message)}\n`);
  const exitCode = options['check'] && (stale || alarms.length > 0 || broken.length > 0) ? ALERT : 0;
  if (options['json']) {
    shell.out.write(
      `${JSON.stringify({ now: new Date(judged.now).toISOString(), dataDir: place.name, stale, streams, exitCode })}\n`,
    );
  } else {
    shell.out.write(
      streams.length === 0
        ? `there was no run in ${place.name} yet; begin with: ${ownCommand(shell.cwd)} run\n`
        : `${describe(streams, judged.now)}${[...streams.flatMap(describeScan), ...alarms].map((line) => `${line}\n`).join('')}`,
    );
  }
  if (exitCode === ALERT) {
    const alerts = stale ? [describeStale(streams, maxAge, `${ownCommand(shell.cwd)} run`), ...alarms] : alarms;
    for (const alert of alerts) shell.err.write(`callhouse: ${alert}\n`);
  }
  return exitCode;
}

function describe(streams: readonly StreamStatus[], now: number): string {
  const columns = [
    'stream',
    'state',
    'last complete run',
    'data to',
    'lag',
    'rows changed (24 h)',
    'refused (24 h)',
    'to load',
    'waiting',
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
    stream.toLoadSince === null
      ? ''
      : describeLag(Math.max(0, Math.round((now - Date.parse(stream.toLoadSince)) / 60_000))),
  ]);
  return formatTable(columns, rows);
}

/** What full scans have to say about a stream. */
function describeScan({ source, account, stream, scan, unprovable, missingLists }: StreamStatus): readonly string[] {
  const name = nameOf(source, account, stream);
  const lines: string[] = [];
  if (scan)
    lines.push(`${name}: scan ${Math.floor(scan.share * 100)} %, since ${scan.since.slice(0, 16).replace('T', ' ')}`);
  if (unprovable > 0)
    lines.push(
      `${name}: ${unprovable} records are not listed any more, and share their time with others, so that no scan proves them gone; they are kept`,
    );
  if (missingLists.length > 0)
    lines.push(`${name}: the vendor has no list (404) of ${missingLists.join(', ')}; their rows are kept`);
  return lines;
}

function describeLag(minutes: number | null): string {
  if (minutes === null) return '';
  if (minutes < 120) return `${minutes} min`;
  return minutes < 48 * 60 ? `${Math.round(minutes / 60)} h` : `${Math.round(minutes / 1440)} d`;
}

function describeStale(streams: readonly StreamStatus[], maxAge: string, command: string): string {
  if (streams.length === 0) return `stale: there was no run yet; begin with: ${command}`;
  const stale = streams.filter((stream) => stream.stale);
  const says = [
    ['no complete run', stale.filter(({ toLoad }) => toLoad === 0)] as const,
    ['nothing loaded', stale.filter(({ toLoad }) => toLoad > 0)] as const,
  ];
  const parts = says
    .filter(([, those]) => those.length > 0)
    .map(([what, those]) => {
      const names = those.map(({ source, account, stream }) => nameOf(source, account, stream));
      return `${what} for ${maxAge} of ${names.join(', ')}`;
    });
  return `stale: ${parts.join('; ')}; run this and read its messages: ${command}`;
}

/** A busy warehouse is not an error: `status` then uses the loader's progress. */
function describeFailure(failure: CallhouseError): string {
  const why =
    failure instanceof WarehouseBusyError ? 'the warehouse is held by another program' : oneLine(failure.message);
  return `${why}; the counts of what is still to load come from the loader's progress`;
}
