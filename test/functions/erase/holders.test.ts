import { expect, test } from 'vitest';
import { eraseRecords } from '../../../functions/erase/erase-records.ts';
import type { Person } from '../../../functions/erase/person.ts';
import { keyedHash } from '../../../functions/extract/rows/hashes.ts';
import { load } from '../../../functions/load/load.ts';
import { streamsToLoad } from '../../../functions/load/plan.ts';
import { bearer } from '../../../functions/source/auth.ts';
import { defineSource } from '../../../functions/source/source.ts';
import { bigint, boolean, id, text, timestamp } from '../../../schemas/column.ts';
import { listOf } from '../../../schemas/json-text.ts';
import { defineTable } from '../../../schemas/table.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { detailsWorld } from '../../helpers/details-world.ts';
import { erasePorts } from '../../helpers/erase-in.ts';
import { makePorts } from '../../helpers/ports.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../helpers/warehouse.ts';

const ID = id({ path: '$id', nullable: false, doc: 'Call.' });
const number = text({ path: 'number', hash: 'phone', doc: 'Number.' });
const calls = defineTable({
  name: 'postbox_calls',
  source: 'postbox',
  doc: 'One row per call.',
  key: ['id'],
  ignorePaths: ['legs'],
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id of the call.' }),
    started_at: timestamp({ path: 'started_at', doc: 'Start.' }),
    opt_out: boolean({ path: 'opt_out', doc: 'Not used.' }),
    note: text({ path: 'note', doc: 'Note.' }),
  },
});
const legs = defineTable({
  name: 'postbox_legs',
  source: 'postbox',
  doc: 'One row per leg of a call.',
  key: ['call_id', 'leg'],
  removal: 'with-parent',
  explode: (record) => listOf(record['legs']),
  columns: {
    call_id: id({ path: '^id', nullable: false, doc: 'Call.' }),
    leg: bigint({ path: 'leg', nullable: false, doc: 'Number of the leg.' }),
    number,
  },
});
const details = defineTable({
  name: 'postbox_call_details',
  source: 'postbox',
  doc: 'One row per call.',
  key: ['call_id'],
  ignorePaths: ['turns'],
  callerNumber: { inbound: 'number', outbound: 'number' },
  columns: { call_id: ID, number },
});
const turns = defineTable({
  name: 'postbox_call_turns',
  source: 'postbox',
  doc: 'One row per turn of a call.',
  key: ['call_id', 'turn'],
  removal: 'with-parent',
  explode: (record) => listOf(record['turns']),
  columns: { call_id: ID, turn: bigint({ path: 'turn', nullable: false, doc: 'Number of the turn.' }), number },
});
const postbox = defineSource({
  name: 'postbox',
  baseUrl: 'https://api.postbox.example',
  auth: bearer('POSTBOX_TOKEN'),
  streams: {
    calls: {
      tables: [calls, legs],
      path: '/v3/list-calls',
      pageSize: 4,
      order: ['started_at'],
      tiers: [{ every: '15m', back: '6h' }],
      ask: ({ size, next }) => ({ body: { sort_order: 'descending', limit: size, pagination_key: next } }),
      answer: { records: 'items', next: 'pagination_key', more: 'has_more', total: 'total' },
      details: {
        call_details: {
          tables: [details, turns],
          path: '/v3/get-call',
          ask: ({ id: one }) => ({ body: { call_id: one } }),
          answer: { record: 'call' },
        },
      },
    },
  },
});

const NUMBER = '+15551230001';
const OTHER = '+15551239999';

/** A call with a number in one place alone. */
function callWith(own: string, place: 'leg' | 'details' | 'turn' | 'none') {
  const numberAt = (one: string) => (one === place ? NUMBER : OTHER);
  return {
    ...{
      id: own,
      note: `zq-note ${own}`,
      legs: [
        { leg: 1, number: OTHER },
        { leg: 2, number: numberAt('leg') },
      ],
    },
    details: { call: { number: numberAt('details'), turns: [{ turn: 1, number: numberAt('turn') }] } },
  };
}

test.each<readonly [string, Person, boolean]>([
  ['number', { kind: 'phone', text: NUMBER }, false],
  ['number, which they had before', { kind: 'phone', text: NUMBER }, true],
  ['hash', { kind: 'hash', hash: keyedHash('phone', NUMBER, await makePorts().hashKey()) }, false],
])(
  'calls are erased of which a child row, the details or a child row of these has the %s',
  async (_what, selector, isEarlier) => {
    const world = await detailsWorld(
      postbox,
      [callWith('c1', 'leg'), callWith('c2', 'details'), callWith('c3', 'turn'), callWith('c4', 'none')],
      'call_details',
    );
    expect(await world.run(0)).toMatchObject({ exitCode: 0 });
    if (isEarlier) {
      world.vendor.calls = ['c1', 'c2', 'c3', 'c4'].map((own) => ({
        ...callWith(own, 'none'),
        note: `zq-note ${own} later`,
      }));
      for (const hour of [2, 30]) expect(await world.run(hour)).toMatchObject({ exitCode: 0 });
    }
    const folder = await temporaryFolder();
    const warehouse = testWarehouse(folder);
    const engine = warehouse.open();
    for await (const key of world.store.list(''))
      await warehouse.store.put(key, (await world.store.get(key)) ?? Buffer.of());
    const accounts = { postbox: ['default'] };
    const ports = { ...erasePorts(warehouse.store, engine), hashKey: makePorts().hashKey };
    await load({ streams: streamsToLoad([postbox]), accounts }, { ...ports, log: noLog });
    const certificate = await eraseRecords({ selector, sources: [postbox], accounts }, ports);
    await engine.close();
    expect(certificate.rows).toEqual({
      postbox_calls: 3,
      postbox_legs: 6,
      postbox_call_details: 3,
      postbox_call_turns: 3,
    });
    expect(certificate.earlier).toBe(isEarlier ? 3 : 0);
    const all = await readDataDirectory(folder);
    const left = [NUMBER, 'zq-note c1', 'zq-note c2', 'zq-note c3'].flatMap((one) => placesWith(all, one));
    expect(left).toEqual([]);
    expect(placesWith(all, 'zq-note c4').length).toBeGreaterThan(1);
  },
);
