import { type ExitCode, ListUnavailableError } from '../../errors.ts';
import type { Ports } from '../../ports.ts';
import type { StreamResult } from '../../results.ts';
import type { Source } from '../../source/source.ts';
import type { KnownStream } from './sibling-records.ts';

/** What a run knows of the streams that came before. */
export interface KnownStreams {
  readonly streams: ReadonlyMap<string, KnownStream>;
  readonly results: readonly StreamResult[];
}

/** A stream that lists its partitions by the records of another one. */
interface Dependence {
  readonly stream: string;
  /** The other stream. */
  readonly by: string;
}

/** The account whose streams are read. */
interface Account {
  readonly source: Source;
  readonly account: string;
  readonly ports: Pick<Ports, 'secrets'>;
}

/**
 * Says why a stream has no partition: no record of the other stream is known, because that one failed, was never read, or shows an
 * empty list although an account always has some.
 * @returns undefined if records are known, or if the other stream may be empty
 */
export function whyUnlisted(
  { source, account, ports }: Account,
  { streams, results }: KnownStreams,
  { stream, by }: Dependence,
): ListUnavailableError | undefined {
  const digest = streams.get(by)?.digest;
  for (const count of digest?.counts().live.values() ?? []) if (count > 0) return undefined;
  const result = results.find((ended) => ended.stream === by);
  const option = source.streams[by]?.skipWhenOptionSet;
  const hasFailed = result !== undefined && result.exitCode !== 0;
  if (!hasFailed && option === undefined && (digest || result)) return undefined;
  const isStored = result?.exitCode !== 5;
  const failed = isStored ? 'could not be read' : `could not be stored (${result.error})`;
  const why = hasFailed ? failed : digest || result ? 'lists none' : 'was never read';
  const remedy = `run ${source.name}.${by} first`;
  const hint =
    option === undefined || !mayBeRefused(result) ? '' : `. ${idsRemedy(ports, source.name, account, option)}`;
  return new ListUnavailableError(
    `no record of stream ${by} is known, because it ${why}, so its records cannot be read here; ${remedy}${hint}`,
    hasFailed ? result.exitCode : result || digest ? 4 : 2,
    { source: source.name, account, stream },
  );
}

/** False for a list that failed for another reason than the vendor's answer, such as a full disk. */
export function mayBeRefused(result: Pick<StreamResult, 'exitCode'> | undefined): boolean {
  const others: readonly ExitCode[] = [1, 5, 6, 130];
  return result === undefined || !others.includes(result.exitCode);
}

/** Names the setting that supplies the ids that a stream would list. */
export function idsRemedy(
  { secrets }: Pick<Ports, 'secrets'>,
  source: string,
  account: string,
  option: string,
): string {
  const setting = secrets.describe(source, account, [option]);
  return `If this list is not available to you, set ${setting} to its ids, separated by commas, such as 101,102`;
}
