import { expect, test } from 'vitest';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { KISMET_ENV, scriptedKismet } from '../../../helpers/kismet.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';

const SOME = { total_calls: { '2026-10-30': 5 }, average_duration: { '2026-10-30': 300.000197 } };
const NONE = { total_calls: { '2026-10-30': 0 } };
const LESS = { total_calls: { '2026-10-30': 2 } };

test.each([
  { says: 'all clinicians have the figures of the organization', figures: [SOME, SOME, SOME], isSaid: true },
  { says: 'one has', figures: [SOME, LESS, SOME], isSaid: false },
  { says: 'several have the same others', figures: [SOME, LESS, LESS], isSaid: false },
  { says: 'nobody has any', figures: [NONE, NONE, NONE], isSaid: false },
])('that the vendor may not heed a parameter is said if $says: $isSaid', async ({ figures, isSaid }) => {
  const { url } = await scriptedKismet([101, 102], { 101: [], 102: [] }, ({ path, query }) =>
    path.endsWith('/call_metrics') ? { json: figures[Number(query['user_id'] ?? 100) - 100] } : undefined,
  );
  const ports = makePorts({ store: memoryStore(), env: KISMET_ENV });
  expect((await runSource('kismet', { at: '2026-11-01T09:00:00Z', url }, ports)).exitCode).toBe(0);
  const said = ports.lines.filter(({ message }) =>
    message.includes('2 partitions have exactly the figures of the whole'),
  );
  expect(said).toHaveLength(isSaid ? 1 : 0);
});
