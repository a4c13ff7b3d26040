import { expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import { ZUDU_ENV, ZUDU_START_MS, zuduAnswer, zuduCalls, zuduServer } from '../../helpers/zudu-server.ts';

test('Zudu: no call is marked as removed that is older than a filter which the vendor says it applies by itself', async () => {
  const all = zuduCalls(48);
  const filters: Record<string, unknown> = {};
  let now = ZUDU_START_MS;
  const server = await zuduServer(all, (_data, { query }) => {
    const [page, limit] = [Number(query['page']), Number(query['limit'])];
    const shown = all.filter(({ start_timestamp }) => Number(start_timestamp) > now - 46 * 3_600_000);
    const list = shown.slice(page * limit, (page + 1) * limit);
    const pagination = { page, limit, total_count: shown.length, has_next_page: (page + 1) * limit < shown.length };
    return zuduAnswer({ calls: list, pagination, applied_filters: filters });
  });
  const deletedAfter = async () => {
    const lake = memoryStore();
    const results = [];
    for (const [hour, since] of [0, 2, 80, 90, 100].entries()) {
      now = ZUDU_START_MS + (hour === 0 ? 0 : 2 * 3_600_000);
      const ports = makePorts({ store: lake, env: ZUDU_ENV });
      const at = new Date(ZUDU_START_MS + since * 3_600_000);
      results.push({ ...(await runSource('zudu', { at, url: server.url, pageSize: 5 }, ports)), lines: ports.lines });
    }
    const rows = [...rowsOf(await foldSource(lake, 'zudu'), 'zudu_calls').values()];
    return { results, deleted: rows.filter((row) => row['_deleted_at'] !== null).length };
  };
  expect((await deletedAfter()).deleted).toBeGreaterThan(0);
  filters['start_timestamp'] = { gte: now };
  const { results, deleted } = await deletedAfter();
  expect(deleted).toBe(0);
  for (const { exitCode, lines } of results) {
    expect(exitCode).toBe(0);
    const said = lines.filter(({ message }) => message.includes('has applied a filter, and none was requested'));
    expect(said).toHaveLength(1);
  }
});
