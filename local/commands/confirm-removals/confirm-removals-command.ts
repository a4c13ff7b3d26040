import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { readLastCommit, readState } from '../../../functions/lake/commit-log.ts';
import { foldersIn } from '../../../functions/lake/folders-in.ts';
import type { StreamId } from '../../../functions/lake/objects.ts';
import { CONFIRMATION_MS, confirmRemovals } from '../../../functions/lake/removal-confirmation.ts';
import type { HeldRemovals } from '../../../functions/lake/stream-state.ts';
import { didYouMean } from '../../../functions/nearest.ts';
import type { Source } from '../../../functions/source/source.ts';
import { count } from '../../console/count.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';
import { nameOf } from '../run/describe-run.ts';
import { findNamed } from '../run/select-targets.ts';
import { localPlace, type StatusPlace } from '../status/status-place.ts';

/** `callhouse confirm-removals`: confirms what the stream's last commit holds, and nothing else. */
export async function confirmRemovalsCommand(
  [name = '']: readonly string[],
  options: Options,
  shell: Shell,
): Promise<ExitCode> {
  const place = options['aws']
    ? await (await import('../../aws/stage-place.ts')).stagePlace(options, shell)
    : await localPlace(options, shell);
  const id = await findStream(name, readText(options, 'account') ?? 'default', place);
  const last = await readLastCommit(place.store, id);
  const { held } = readState(last, id);
  const now = Date.now();
  if (held) await confirmRemovals(place.store, id, held, now);
  const until = new Date(now + CONFIRMATION_MS);
  shell.out.write(
    options['json']
      ? `${JSON.stringify(resultOf(id, held, until, place.name))}\n`
      : `${held ? describe(id, held, until) : describeNothing(id, last ? undefined : place.name)}\n`,
  );
  return 0;
}

/** @throws ConfigError that names what is known, if the source, the stream or the account is not */
async function findStream(name: string, account: string, place: StatusPlace): Promise<StreamId> {
  const { source, stream } = findNamed(name, place.sources);
  if (stream === undefined) {
    const names = Object.keys(source.streams).map((known) => `${source.name}.${known}`);
    throw new ConfigError(`${source.name} is a source; expected one of its streams: ${names.join(', ')}`);
  }
  const known = await accountsKnown(source, place);
  if (known.includes(account)) return { source: source.name, account, stream };
  throw new ConfigError(
    `${source.name} has no account ${JSON.stringify(account)} in ${place.name}${didYouMean(account, known)}; expected one of ${known.join(', ')} (--account)`,
  );
}

/** Accounts that are configured, those that ever ran, and the one that an account without a name has. */
async function accountsKnown(source: Source, { accountsOf, store }: StatusPlace): Promise<readonly string[]> {
  const ran = await foldersIn(store, `commits/${source.name}/`);
  const known = new Set([...accountsOf(source), ...ran]);
  return known.size > 0 ? [...known] : ['default'];
}

function describe({ source, account, stream }: StreamId, held: HeldRemovals, until: Date): string {
  return (
    `${nameOf(source, account, stream)}: confirmed that ${count(held.count, 'record')} missing from the scan of ${new Date(held.scan).toISOString()} are gone\n` +
    `The next run marks them deleted. The confirmation counts until ${until.toISOString()}, and only for these records.`
  );
}

/** @param unread the lake, if the stream never ran in it */
function describeNothing({ source, account, stream }: StreamId, unread?: string): string {
  const why = unread === undefined ? 'no removals are held' : `there was no run in ${unread} yet`;
  return `${nameOf(source, account, stream)}: ${why}; there is nothing to confirm`;
}

function resultOf(id: StreamId, held: HeldRemovals | undefined, until: Date, dataDir: string) {
  const confirmed = held && { count: held.count, since: new Date(held.scan).toISOString(), until: until.toISOString() };
  return { ...id, dataDir, confirmed: confirmed ?? null, exitCode: 0 };
}
