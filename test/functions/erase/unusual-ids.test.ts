import { join } from 'node:path';
import { expect, test } from 'vitest';
import { eraseRecords } from '../../../functions/erase/erase-records.ts';
import { load } from '../../../functions/load/load.ts';
import { streamsToLoad } from '../../../functions/load/plan.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { detailsWorld } from '../../helpers/details-world.ts';
import { linesIn } from '../../helpers/duckdb-file.ts';
import { eraseIn, erasePorts } from '../../helpers/erase-in.ts';
import { makeHome } from '../../helpers/home.ts';
import { KISMET_ENV, scriptedKismet } from '../../helpers/kismet.ts';
import { call } from '../../helpers/opted-out.ts';
import { makePorts } from '../../helpers/ports.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';
import { ZUDU_ENV, zuduServer } from '../../helpers/zudu-server.ts';

/** Ids that JSON, SQL, a key's parts, a path or a pattern could confuse. */
const UNUSUAL = [
  'a/../b',
  "it's",
  '"quoted"',
  'Ärztin 診察',
  '+15550001234',
  'jane@clinic.example',
  'a\u001fb',
  '%_*',
  'x'.repeat(3000),
  `~${'ab'.repeat(16)}`,
];

test('a call is erased whatever its id is, everywhere, with its alias, and does not come back', async () => {
  const said = (n: number) => `zq-said-${String(n).padStart(3, '0')}`;
  const served = UNUSUAL.map((id, n) => call(id, false, { id: `uuid ${id}`, transcript: said(n), events: [said(n)] }));
  const kept = call('kept', false, { transcript: 'zq-stays' });
  const server = await zuduServer([...served, kept]);
  const folder = await temporaryFolder();
  const home = makeHome(folder, { env: { ...ZUDU_ENV, ZUDU_BASE_URL: server.url }, sources: ['zudu'] });
  const at = (hour: number) => new Date(Date.parse('2026-11-01T00:00:00Z') + hour * 3_600_000);
  expect(await home.run(at(9))).toMatchObject({ load: { exitCode: 0 } });
  const before = await readDataDirectory(folder);
  for (const n of UNUSUAL.keys()) expect(placesWith(before, said(n)).length).toBeGreaterThan(1);
  // Half of them by the id that the key is looked up by.
  const selectors = UNUSUAL.map((id, n) => ({
    kind: 'call' as const,
    source: 'zudu',
    id: n % 2 === 0 ? id : `uuid ${id}`,
  }));
  const certificates = await eraseIn(folder, 'zudu', selectors);
  expect(certificates.map(({ rows }) => rows)).toEqual(UNUSUAL.map(() => ({ zudu_calls: 1 })));
  const left = async () => {
    const all = await readDataDirectory(folder);
    return UNUSUAL.flatMap((_, n) => placesWith(all, said(n)).map((place) => `${n} ${place}`));
  };
  expect(await left()).toEqual([]);
  expect(await home.run(at(12))).toMatchObject({ load: { exitCode: 0 } });
  expect(await left()).toEqual([]);
  const ids = 'SELECT call_id, transcript FROM callhouse_phi.zudu_calls';
  expect(await linesIn(join(folder, 'warehouse.duckdb'), ids)).toEqual(['kept|zq-stays']);
});

test('audit entries, changed fields and participants of a Kismet call are erased whatever they are called', async () => {
  const odd = `it's "a/b" é\u001f~`;
  const people = [{ id: 7, participant_type: odd, name: 'zq-said-person' }];
  const calls = [
    { id: 11, name: 'zq-said-name', [odd]: 'zq-said-extra', participants: people, created_at: '2026-11-01T08:00:00Z' },
    { id: 12, name: 'zq-stays', participants: [], created_at: '2026-11-01T07:00:00Z' },
  ];
  const entry = (id: number, said: string) => ({
    ...{ id, event: 'update', user_id: 5, created_at: '2026-11-01T08:10:00Z' },
    object_changes: { [odd]: [said, `${said} again`] },
  });
  const server = await scriptedKismet([101], { 101: calls }, ({ path }) => {
    const [, id] = /\/calls\/(\d+)\/audit_logs$/.exec(path) ?? [];
    if (id === undefined) return undefined;
    const logs = [id === '11' ? entry(91, 'zq-said-changed') : entry(92, 'zq-stays')];
    const pagination = { current_page: 1, per_page: 100, total_pages: 1, total_count: 1 };
    return { json: { audit_logs: logs, pagination } };
  });
  const folder = await temporaryFolder();
  const env = { ...KISMET_ENV, KISMET_BASE_URL: server.url };
  const home = makeHome(folder, { env, sources: ['kismet'] });
  const at = (hour: number) => new Date(Date.parse('2026-11-01T00:00:00Z') + hour * 3_600_000);
  await home.run(at(9));
  const placesOf = async (text: string) => placesWith(await readDataDirectory(folder), text);
  expect((await placesOf('zq-said-changed')).length).toBeGreaterThan(2);
  expect((await placesOf('zq-said-person')).length).toBeGreaterThan(2);
  const [certificate] = await eraseIn(folder, 'kismet', [{ kind: 'call', source: 'kismet', id: '11' }]);
  expect(certificate?.rows).toEqual({
    kismet_calls: 1,
    kismet_call_participants: 1,
    kismet_call_audit_logs: 1,
    kismet_call_audit_changes: 1,
  });
  expect(await placesOf('zq-said')).toEqual([]);
  await home.run(at(33));
  expect(await placesOf('zq-said')).toEqual([]);
  expect((await placesOf('zq-stays')).length).toBeGreaterThan(2);
});

test('details of a call are erased with it, whatever its id is', async () => {
  const ids = [`it's "é/b"`, 'a b~c', 'c3'];
  const details = (n: number) => ({
    call: {
      cost: '1',
      transcript: `zq-said-${n}`,
      turns: [{ turn: 1, words: `zq-said-${n}` }],
    },
  });
  const world = await detailsWorld(
    postbox,
    ids.map((id, n) => ({ id, minutesAgo: n, note: `zq-said-${n}`, details: details(n) })),
    'call_details',
  );
  expect(await world.run(0)).toMatchObject({ exitCode: 0 });
  const folder = await temporaryFolder();
  const warehouse = testWarehouse(folder);
  const engine = warehouse.open();
  for await (const key of world.store.list(''))
    await warehouse.store.put(key, (await world.store.get(key)) ?? Buffer.of());
  const streams = streamsToLoad([postbox]);
  const accounts = { postbox: ['default'] };
  const ports = { ...erasePorts(warehouse.store, engine), hashKey: makePorts().hashKey };
  expect(await load({ streams, accounts }, { ...ports, log: noLog })).toMatchObject({ exitCode: 0 });
  for (const id of ids.slice(0, 2)) {
    const selector = { kind: 'call', source: 'postbox', id } as const;
    await eraseRecords({ selector, sources: [postbox], accounts }, ports);
  }
  await engine.close();
  const all = await readDataDirectory(folder);
  expect([0, 1].flatMap((n) => placesWith(all, `zq-said-${n}`))).toEqual([]);
  expect(placesWith(all, 'zq-said-2').length).toBeGreaterThan(3);
});
