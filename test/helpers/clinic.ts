import type { Store } from '../../functions/ports.ts';
import { memoryStore } from '../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from './fold-staged.ts';
import { makePorts } from './ports.ts';
import { type RunOptions, runSource, totalsOf } from './run-source.ts';
import { type SolumCall, type SolumPage, type SolumServerOptions, solumServer } from './solum-server.ts';

export const HOUR_MS = 3_600_000;
/** Scheduled time of hour 0. */
export const AT = Date.parse('2026-11-01T09:00:00Z');
export const SOLUM_ID = { source: 'solum', account: 'default', stream: 'calls' };
const env = { SOLUM_API_KEY: 'key' };

/** A clinic at Solum with one run per call of `run`; time is given in hours. */
export async function clinic(calls: SolumCall[], options: SolumServerOptions = {}, pageSize = 5) {
  const server = await solumServer(calls, options);
  const store: Store = memoryStore();
  return {
    server,
    store,
    run: async (hours: number, more: Partial<RunOptions> = {}) => {
      const ports = makePorts({ store, env });
      const asked = server.requests.length;
      const options = { at: new Date(AT + hours * HOUR_MS), url: server.url, pageSize, ...more };
      const result = await runSource('solum', options, ports);
      return { ...result, ports, asked: server.requests.length - asked, totals: totalsOf(result) };
    },
    rows: async () => rowsOf(await foldSource(store, 'solum'), 'solum_calls'),
    ids: async () => [...rowsOf(await foldSource(store, 'solum'), 'solum_calls').keys()].sort(),
    last: async () => (await commitsOf(store, SOLUM_ID)).at(-1),
  };
}

/** Ids of calls in the order in which `clinic().ids()` returns them. */
export const idsOf = (calls: readonly SolumCall[]) => calls.map(({ id }) => id).sort();

/** A page with other pagination fields. */
export const withPagination = (page: SolumPage, more: Readonly<Record<string, unknown>>): SolumPage => ({
  ...page,
  pagination: { ...page.pagination, ...more },
});
