import type { CompleteRow } from '../../functions/extract/changes/complete-row.ts';
import { type DiffOptions, newDiff } from '../../functions/extract/changes/diff.ts';
import { newRejects } from '../../functions/extract/rows/coerce.ts';
import { compileFlatten } from '../../functions/extract/rows/flatten.ts';
import { newDigest } from '../../functions/lake/digest.ts';
import { DAY_MS, HOUR_MS } from '../../functions/time.ts';
import { bigint, code, date, id, text, timestamp } from '../../schemas/column.ts';
import { layoutOf } from '../../schemas/layout.ts';
import { defineTable, type Table } from '../../schemas/table.ts';
import { testTexts } from './texts.ts';

const calls = defineTable({
  name: 'unit_calls',
  source: 'unit',
  doc: 'Calls.',
  key: ['id'],
  partOn: 'at',
  stableKey: { column: 'id', by: 'uuid' },
  optOut: { flagColumn: 'quiet' },
  ignorePaths: ['people', 'entries'],
  columns: {
    id: id({ path: ['id', 'uuid'], nullable: false, doc: 'Id.' }),
    uuid: id({ path: 'uuid', doc: 'UUID.' }),
    at: timestamp({ path: 'at', doc: 'Start.' }),
    quiet: code('true', 'false')({ path: 'quiet', doc: 'Opt-out.' }),
    note: text({ path: 'note', doc: 'Note.' }),
  },
});
const child = (name: string, removal: 'with-parent' | 'never', list: string): Table =>
  defineTable({
    name,
    source: 'unit',
    doc: 'Children.',
    key: ['call_id', 'id', 'day'],
    partOn: 'day',
    removal,
    explode: (record) => record[list] as unknown[] | undefined,
    columns: {
      call_id: id({ path: '^id', nullable: false, doc: 'Call.' }),
      id: bigint({ path: 'id', nullable: false, doc: 'Id.' }),
      day: date({ path: 'day', nullable: false, doc: 'Day.' }),
      name: text({ path: 'name', doc: 'Name.' }),
    },
  });
const people = child('unit_people', 'with-parent', 'people');
const entries = child('unit_entries', 'never', 'entries');
const TABLES = [calls, people, entries] as const;

/** Scheduled time of hour 0. */
export const AT = 20_000 * DAY_MS + HOUR_MS;
/** Start of {@link record}, and its day. */
export const STARTED = '2024-10-03T10:00:00Z';
export const START_DAY = Date.parse('2024-10-03') / DAY_MS;

/** A diff, and runs of it at later hours over the same digest. */
export function place(more: Partial<DiffOptions> = {}) {
  const digest = newDigest();
  const at = (hours: number) =>
    newDiff({
      tables: TABLES,
      digest,
      account: 'north',
      at: AT + hours * HOUR_MS,
      hashKey: 'k'.repeat(32),
      removal: 'delete',
      commit: () => ({ n: 7, loadId: 'load-7' }),
      ...more,
    });
  return { digest, at };
}

/** A flat record of a group. */
export function flat(record: Readonly<Record<string, unknown>>, group?: string) {
  const rejects = newRejects();
  const found = compileFlatten(TABLES, { rejects, stableKeys: new Map(), texts: testTexts() })(record, {});
  if (!found) throw new Error('no key');
  return { ...found, group };
}

/** Columns of a row that are not null. */
export const named = ({ table, values }: CompleteRow) =>
  Object.fromEntries(
    layoutOf(table)
      .map(({ name }, n): [string, unknown] => [name, values[n] ?? null])
      .filter(([name, value]) => value !== null && !(name === '_hidden' && value === '')),
  );
/** A call as the vendor sends it. */
export const record = (more = {}) => ({ id: 'a', uuid: 'u', at: STARTED, quiet: false, note: 'said', ...more });
/** Table, id and operation of each row. */
export const summary = (rows: readonly CompleteRow[]) =>
  rows.map((row) => {
    const { _op, id } = named(row);
    return `${row.table.name} ${String(id)} ${String(_op)}`;
  });
