import { extractAccount } from '../../functions/extract/extract-account.ts';
import { readKnownStream } from '../../functions/extract/session/open-session.ts';
import { parseSettings } from '../../functions/settings.ts';
import type { Source } from '../../functions/source/source.ts';
import { HOUR_MS } from '../../functions/time.ts';
import { memoryStore } from '../../local/lake/memory-store.ts';
import { collect } from './collect.ts';
import { commitsOf } from './fold-staged.ts';
import { makePorts } from './ports.ts';
import type { ScriptedRequest } from './scripted-server.ts';

/** Scheduled time of a lake's first run. */
export const LAKE_AT = Date.parse('2026-11-01T09:00:00Z');

/** An answer that ends a run, because the time that it asks for is not left. */
export const OUT_OF_TIME = { status: 429, body: '', headers: { 'retry-after': '100000' } };

/** Ids in order. */
export const ids = (records: readonly { readonly id: string }[]) => records.map(({ id }) => id).sort();

interface Served {
  readonly url: string;
  readonly requests: readonly ScriptedRequest[];
}

/** Runs of the calls of one source over one lake, the given hours after the first. */
export function lakeOf(source: Source, { url, requests }: Served) {
  const store = memoryStore();
  const env = Object.fromEntries(source.credentials.map((name) => [name, 'access-1']));
  const id = { source: source.name, account: 'default', stream: 'calls' };
  const runAt = async (hours: number, { commitEveryMs = 1000, ...more }: RunChange = {}) => {
    const before = requests.length;
    const { window, historyStart } = more;
    const settings = parseSettings(
      { sources: { [source.name]: { maxRps: 1000, baseUrl: url, historyStart } } },
      'test',
    );
    const ports = makePorts({ store, env, clock: { ms: LAKE_AT + hours * HOUR_MS } });
    const at = new Date(LAKE_AT + hours * HOUR_MS);
    const request = { account: 'default', at, settings, window, streams: ['calls'], tuning: { commitEveryMs } };
    const result = await extractAccount(source, request, ports);
    const [stream] = result.streams;
    const asked = requests.slice(before).filter(({ path }) => !path.endsWith('/token'));
    const state = (await commitsOf(store, id)).at(-1)?.state;
    return { exitCode: result.exitCode, error: stream?.error ?? '', stream, asked, state, lines: ports.lines };
  };
  const live = async (): Promise<string[]> => {
    const digest = (await readKnownStream(makePorts({ store, env }), id))?.digest;
    const rows = digest ? (await collect(digest.entries.batches())).flat() : [];
    return rows.flatMap(([key, { deletedAt }]) => (deletedAt === undefined ? [key] : [])).sort();
  };
  return { run: runAt, live, commits: () => commitsOf(store, id) };
}

interface RunChange {
  readonly commitEveryMs?: number;
  readonly historyStart?: string;
  readonly window?: { readonly from: Date; readonly to: Date };
}
