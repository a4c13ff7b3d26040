import { describe, expect, test } from 'vitest';
import type { Store } from '../../../../functions/ports.ts';
import type { DetailsStream, Source } from '../../../../functions/source/source.ts';
import { columnIndex } from '../../../../schemas/layout.ts';
import type { Table } from '../../../../schemas/table.ts';
import capped from '../../../fixtures/sources/capped.ts';
import postbox from '../../../fixtures/sources/postbox.ts';
import { type DetailedCall, detailsWorld } from '../../../helpers/details-world.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { readByHyparquet } from '../../../helpers/read-parquet.ts';

interface Form {
  readonly source: Source;
  readonly stream: string;
  readonly details: Readonly<Record<string, unknown>>;
  /** Rows that each call has in the tables of its details. */
  readonly rows: number;
}

const FORMS: readonly Form[] = [
  {
    source: postbox,
    stream: 'call_details',
    details: { call: { cost: '1.25', transcript: 'words', turns: [{ turn: 0, words: 'words' }] } },
    rows: 2,
  },
  {
    source: capped,
    stream: 'call_notes',
    details: { notes: [0, 1].map((n) => ({ id: `n${n}`, author: 'staff', words: 'words' })) },
    rows: 2,
  },
];

/** What the commits from the n-th on do to the rows of a call's details: `table op`. */
async function operations(store: Store, { source, stream }: Form, from: number, call: string) {
  const { tables } = source.streams[stream] as DetailsStream;
  const found: string[] = [];
  for (const { staged } of (await commitsOf(store, { source: source.name, account: 'default', stream })).slice(from)) {
    for (const { table: name, key } of staged) {
      const table = tables.find((one) => one.name === name) as Table;
      const columns = await readByHyparquet(table, (await store.get(key)) ?? new Uint8Array());
      const index = columnIndex(table);
      const [ids, ops] = [columns[index('call_id')] ?? [], columns[index('_op')] ?? []];
      found.push(...ids.flatMap((id, row) => (id === call ? [String(ops[row])] : [])));
    }
  }
  return found;
}

describe.each(FORMS)('details of $source.name', (form) => {
  const { source, stream, details, rows } = form;
  const calls = (): DetailedCall[] => ['c0', 'c1', 'c2'].map((id) => ({ id, note: '-', details }));

  /** A world after a first run, and what later runs do to the details of call `c1`. */
  async function world() {
    const { vendor, run, store, commits } = await detailsWorld(source, calls(), stream);
    await run(0);
    const doneBy = async (hours: readonly number[], options: Parameters<typeof run>[1] = {}) => {
      const { length } = await commits();
      for (const hour of hours) await run(hour, options);
      return operations(store, form, length, 'c1');
    };
    return { vendor, doneBy, commits };
  }
  const times = (operation: string) => Array.from({ length: rows }, () => operation);

  test('of a call that is removed are marked deleted, or blanked if the setting says so', async () => {
    for (const [onVendorRemoval, operation] of [
      [undefined, 'delete'],
      ['blank', 'blank'],
    ] as const) {
      const { vendor, doneBy } = await world();
      vendor.calls = vendor.calls.filter(({ id }) => id !== 'c1');
      const setting = onVendorRemoval ? { onVendorRemoval } : {};
      expect(await doneBy([96, 98], setting)).toEqual(times(operation));
      expect(await doneBy([194, 196], setting)).toEqual([]);
    }
  });

  test('of a caller who opts out are redacted, before they are read again without content', async () => {
    const { vendor, doneBy, commits } = await world();
    vendor.calls = vendor.calls.map((call) => (call.id === 'c1' ? { ...call, opt_out: true } : call));
    vendor.answer = (id) => (id === 'c1' ? { status: 503, body: '{}' } : undefined);
    expect(await doneBy([96])).toEqual(times('redact'));
    vendor.answer = undefined;
    expect(await doneBy([97])).toEqual(times('upsert'));
    expect((await commits()).at(-1)?.state['redact']).toEqual([]);
  });

  test('of a call that is removed are read again when it is listed again as it was', async () => {
    const { vendor, doneBy } = await world();
    const all = vendor.calls;
    vendor.calls = all.filter(({ id }) => id !== 'c1');
    expect(await doneBy([96, 98])).toEqual(times('delete'));
    vendor.calls = all;
    expect(await doneBy([194, 196])).toEqual(times('upsert'));
  });

  test('of a caller who opted out are redacted once, though the call changes again', async () => {
    const { vendor, doneBy } = await world();
    const change = (more: object) => {
      vendor.calls = vendor.calls.map((call) => (call.id === 'c1' ? { ...call, ...more } : call));
    };
    change({ opt_out: true });
    expect(await doneBy([96])).toContain('redact');
    change({ status: 'done' });
    expect(await doneBy([97, 98])).not.toContain('redact');
  });

  test('of other calls are not touched', async () => {
    const { vendor, doneBy } = await world();
    vendor.calls = vendor.calls.filter(({ id }) => id !== 'c0');
    expect(await doneBy([96, 98])).toEqual([]);
  });
});
