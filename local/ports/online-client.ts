import { accountClient } from '../../functions/extract/extract-account.ts';
import { nodePorts } from '../../functions/node-ports.ts';
import type { Credentials, Ports, Secrets } from '../../functions/ports.ts';
import type { Settings } from '../../functions/settings.ts';
import { type Partition, WHOLE_STREAM } from '../../functions/source/page.ts';
import type { Source, SourceContext, Stream } from '../../functions/source/source.ts';
import { countdown } from '../../functions/time.ts';
import { sleepUnlessAborted } from './local-ports.ts';

/** The account of which a command requests a few pages, to check it. */
export interface OnlineOptions {
  readonly source: Source;
  readonly account: string;
  readonly settings: Settings;
  readonly secrets: Secrets;
  readonly fetch: Ports['fetch'];
  readonly signal: AbortSignal;
}

/** A client for a few requests, one a second unless a setting says otherwise. @param patienceMs time for all of them */
export function onlineClient(
  { source, account, settings, secrets, fetch, signal }: OnlineOptions,
  patienceMs: number,
): ReturnType<typeof accountClient> {
  const ports = {
    ...nodePorts,
    ...{ secrets, fetch, signal, now: Date.now, random: Math.random, sleep: sleepUnlessAborted, log: () => {} },
    remainingMs: countdown(patienceMs, Date.now),
  };
  return accountClient(source, { account, settings }, ports, { rps: 1, reserveMs: () => 0 });
}

/** Undefined if the stream's lists depend on records that are not known. @param recordsOf @default no record is known */
export function firstPartition(
  { partitions }: Stream,
  options: Credentials,
  recordsOf: SourceContext['recordsOf'] = () => new Map(),
): Partition | undefined {
  const [first] = partitions?.({ recordsOf, options }) ?? [WHOLE_STREAM];
  return first;
}
