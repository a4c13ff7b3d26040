import type { Source, Stream } from '../../functions/source/source.ts';
import capped from '../fixtures/sources/capped.ts';
import { type CappedCall, type CappedVendor, cappedServer } from './capped-server.ts';
import { LAKE_AT, lakeOf } from './run-lake.ts';

const { calls: stream } = capped.streams as { readonly calls: Stream };
/** The source with another declaration of its calls. */
export const declare = (change: object): Source => ({
  ...capped,
  streams: { calls: { ...stream, ...change } as Stream },
});
/** The vendor filters by time, and no declaration says that it limits how far a list can be paged. */
export const undeclared = declare({ window: { by: 'started_at', as: 'seconds' } });

/** A vendor with one call every hour that refuses pages beyond 20 records. */
export async function limitedVendor(source: Source, count: number, change: Partial<CappedVendor> = {}) {
  const calls = Array.from({ length: count }, (_, n) => callOf(n, n * 3600));
  const vendor: CappedVendor = { calls, cap: 20, total: 'all', hasMore: 'found', ...change };
  const server = await cappedServer(vendor);
  return { vendor, ...lakeOf(source, server) };
}

/** A call that began so many seconds before the lake's first run. */
export const callOf = (n: number, secondsAgo: number): CappedCall => ({
  id: `call-${n}`,
  started_at: LAKE_AT / 1000 - 60 - secondsAgo,
  status: 'done',
});
