import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { tablesOf } from '../../../functions/load/plan.ts';
import { listSources } from '../../../functions/source/registry.ts';
import { type DatabaseTable, databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { addFieldIds, type FieldIds, fieldIdsOf, guessFieldIds, idOf } from '../../../schemas/derive/field-ids.ts';
import { VENDORS } from '../../helpers/vendors.ts';

const table: DatabaseTable = {
  database: 'callhouse',
  name: 'calls',
  doc: '.',
  monthOf: '_part_on',
  columns: [
    { name: 'account', type: 'text', required: true, doc: '.' },
    { name: 'waits', type: 'doubles', required: false, doc: '.' },
    { name: 'id', type: 'text', required: true, doc: '.' },
  ],
};

describe('addFieldIds', () => {
  test('numbers the columns of a new table from 1, then the elements of its lists', () => {
    expect(addFieldIds({}, [table])).toEqual({
      'callhouse.calls': { account: 1, waits: 2, id: 3, 'waits.element': 4 },
    });
  });

  test('gives new columns ids above all others, also above that of a removed column', () => {
    const known = { 'callhouse.calls': { account: 1, removed: 99 }, 'callhouse.other': { account: 7 } };
    expect(addFieldIds(known, [table])).toEqual({
      'callhouse.calls': { account: 1, removed: 99, waits: 100, id: 101, 'waits.element': 102 },
      'callhouse.other': { account: 7 },
    });
  });

  test('changes nothing if every column has an id', () => {
    const once = addFieldIds({}, [table]);
    expect(addFieldIds(once, [table])).toEqual(once);
  });

  test('keeps ids under the default names of the databases, whatever their prefix', () => {
    const clinic = databasesOf('clinic');
    const both = ['clinic', 'clinic_phi'].map((database) => ({
      ...table,
      database,
      columns: table.columns.slice(0, 1),
    }));
    const ids = addFieldIds({}, both, clinic);
    expect(ids).toEqual({ 'callhouse.calls': { account: 1 }, 'callhouse_phi.calls': { account: 1 } });
    expect(both.map((one) => fieldIdsOf(ids, one, clinic))).toEqual([{ account: 1 }, { account: 1 }]);
  });
});

describe('ids of guessed columns', () => {
  const deployed = { 'callhouse.other': { account: 7 } };
  const guess: DatabaseTable = {
    ...table,
    columns: [...table.columns, { ...table.columns[2], name: 'wrong', doc: '.' } as never],
  };
  const other = { ...table, name: 'others' };

  test('are pinned, and no table is made with them', () => {
    const ids = guessFieldIds(deployed, [guess, { ...table, name: 'other' }]);
    expect(ids['callhouse.other']).toEqual({ account: 7 });
    expect(ids['callhouse.calls']).toEqual({ account: 1, waits: 2, id: 3, wrong: 4, 'waits.element': 5 });
    expect(() => idOf(fieldIdsOf(ids, table), table, 'id')).toThrow('run npm run pin');
  });

  test('are given anew once the author corrected the columns, so that nothing of the guesses remains', () => {
    const ids = addFieldIds(guessFieldIds(deployed, [guess]), [table]);
    expect(ids).toEqual({ ...deployed, 'callhouse.calls': { account: 1, waits: 2, id: 3, 'waits.element': 4 } });
    expect(idOf(fieldIdsOf(ids, table), table, 'id')).toBe(3);
  });

  test('are dropped with a source that was given up, and those of a second guess replace the first', () => {
    expect(addFieldIds(guessFieldIds(deployed, [guess]), [])).toEqual(deployed);
    const twice = guessFieldIds(guessFieldIds(deployed, [guess, other]), [table]);
    expect(addFieldIds(twice, [table, other])).toEqual(addFieldIds(deployed, [other, table]));
    expect(twice['callhouse.calls']).not.toHaveProperty('wrong');
  });
});

test('fieldIdsOf is empty for a table without ids', () => {
  expect(fieldIdsOf({}, table)).toEqual({});
});

test('idOf gives the id of a field, or says how to add it', () => {
  expect(idOf({ id: 3 }, table, 'id')).toBe(3);
  expect(() => idOf({ id: 3 }, table, 'waits')).toThrow(
    new Error('schemas/field-ids.json has no id for waits of callhouse.calls; run npm run pin'),
  );
});

describe('schemas/field-ids.json', () => {
  const pinned = JSON.parse(
    readFileSync(new URL('../../../schemas/field-ids.json', import.meta.url), 'utf8'),
  ) as FieldIds;

  test('has an id for every field of every table; if not, run npm run pin', async () => {
    expect(addFieldIds(pinned, databaseTablesOf(tablesOf(await listSources())))).toEqual(pinned);
  });

  test('gives no id twice within a table', () => {
    for (const [name, fields] of Object.entries(pinned))
      expect(new Set(Object.values(fields)).size, name).toBe(Object.keys(fields).length);
  });

  test('keeps every id that was ever deployed, because data files name their columns by it', async () => {
    // Tables of further sources are not in this list, so that nobody has to add them.
    const vendors = new RegExp(`^callhouse(_phi)?\\.(loads|rejects|(${VENDORS.join('|')})_\\w+)$`);
    const deployed = Object.entries(pinned).filter(([name]) => vendors.test(name));
    const lines = deployed.flatMap(([name, fields]) =>
      Object.entries(fields).map(([field, id]) => `${name} ${id} ${field}`),
    );
    await expect(`${lines.join('\n')}\n`).toMatchFileSnapshot('./field-ids.txt');
  });
});
