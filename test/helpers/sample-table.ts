import { bigint, boolean, date, decimal, double, doubles, json, text, timestamp } from '../../schemas/column.ts';
import { defineTable, type Table } from '../../schemas/table.ts';

/** A table with a column of every type, sensitive ones, and names that are reserved words. */
export const sampleCalls: Table = defineTable({
  name: 'sample_calls',
  source: 'sample',
  doc: "One row per call of the sample vendor; it's made up.",
  key: ['id', 'order'],
  columns: {
    id: text({ from: 'id', nullable: false, doc: 'Id.' }),
    order: bigint({ from: 'order', nullable: false, doc: 'A reserved word, in the key.' }),
    number: text({ from: 'number', sensitive: 'hashed', doc: 'Number of the caller.' }),
    notes: json({ from: 'notes', sensitive: true, doc: 'Free text.' }),
    status: text({ from: 'status', doc: 'Status.' }),
    score: double({ from: 'score', unit: 'points', doc: 'Score.' }),
    flag: boolean({ from: 'flag', doc: 'Flag.' }),
    started_at: timestamp({ from: 'started_at', doc: 'Start.' }),
    date: date({ from: 'date', doc: 'Day.' }),
    cost: decimal({ from: 'cost', unit: 'USD', doc: 'Cost.' }),
    values: doubles({ from: 'values', doc: 'Values.' }),
    details: json({ from: 'details', doc: 'Details.' }),
  },
  calls: { call_id: 'id', status: 'status', started_at: 'started_at', cost: 'cost', caller_hash: 'number_hash' },
});
