import { expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { partsOf, withPart } from '../../helpers/parts-of.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

const env = { SOLUM_API_KEY: 'k', KALEM_API_TOKEN: 't', ZUDU_API_KEY: 'k', ZUDU_API_SECRET: 's' };
const WRONG: readonly unknown[] = [null, -1, 'x', '', [null], {}, true, '[]', '\ud800', [[]], { 0: 'a' }];
const COUNT = 6;

const calls = Array.from({ length: COUNT }, (_, n) => ({
  ...{ id: `c${n}`, call_id: `c${n}`, status: 'done', from_number: '+12025550100', created_at: '2026-11-01T08:00:00Z' },
  started_at: new Date(Date.parse('2026-11-01T08:00:00Z') - n * 60_000).toISOString(),
  ...{ opt_out_sensitive_data_storage: false, metadata: { priority: 'a' }, latency: { e2e: { values: [1, 2] } } },
}));
const ANSWERS = {
  solum: { data: calls, pagination: { page: 1, total: COUNT, has_more: false } },
  kalem: { data: calls, meta: { current_page: 1, last_page: 1, total: COUNT }, links: { next: null } },
  zudu: {
    ...{ message: 'ok', status: 'success', error: null },
    data: { calls, pagination: { page: 0, total_count: COUNT, has_next_page: false } },
  },
};

/** Of the records, the parts of the first one are changed. */
const isOther = (name: string) => /^[1-9]$/.test(name);

test.each(Object.entries(ANSWERS))(
  'an answer of %s with any part of a wrong type loses nothing silently',
  { timeout: 120_000 },
  async (source, answer) => {
    let json: unknown;
    const { url } = await scriptedServer(() => ({ json }));
    for (const path of partsOf(answer, isOther)) {
      for (const value of WRONG) {
        json = withPart(answer, path, value);
        const store = memoryStore();
        const ports = makePorts({ store, env });
        const { exitCode, streams } = await runSource(source, { at: '2026-11-01T09:00:00Z', url }, ports);
        const rows = rowsOf(await foldSource(store, source), `${source}_calls`).size;
        const what = `${path.join('.')} = ${JSON.stringify(value)}`;
        expect([0, 4], what).toContain(exitCode);
        if (exitCode === 0) expect(rows + Math.sign(streams[0]?.rejected ?? 0), what).toBeGreaterThanOrEqual(COUNT);
      }
    }
  },
);
