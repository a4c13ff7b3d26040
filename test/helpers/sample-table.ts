import {
  bigint,
  boolean,
  code,
  codes,
  date,
  decimal,
  double,
  doubles,
  id,
  json,
  text,
  timestamp,
} from '../../schemas/column.ts';
import { defineTable, type Table } from '../../schemas/table.ts';

/** A table with a column of every type, sensitive ones, and names that are reserved words. */
export const sampleCalls: Table = defineTable({
  name: 'sample_calls',
  source: 'sample',
  doc: "One row per call of the sample vendor; it's made up.",
  key: ['id', 'order'],
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    order: bigint({ path: 'order', nullable: false, doc: 'A reserved word, in the key.' }),
    number: text({ path: 'number', hash: 'phone', doc: 'Number of the caller.' }),
    notes: json({ path: 'notes', doc: 'Free text.' }),
    status: code('done', 'open')({ path: 'status', doc: 'Status.' }),
    score: double({ path: 'score', unit: 'points', doc: 'Score.' }),
    flag: boolean({ path: 'flag', doc: 'Flag.' }),
    started_at: timestamp({ path: 'started_at', doc: 'Start.' }),
    date: date({ path: 'date', doc: 'Day.' }),
    cost: decimal({ path: 'cost', unit: 'USD', doc: 'Cost.' }),
    values: doubles({ path: 'values', doc: 'Values.' }),
    details: codes('a', 'b')({ path: 'details', doc: 'Details.' }),
  },
  calls: { call_id: 'id', status: 'status', started_at: 'started_at', cost: 'cost', caller_hash: 'number_hash' },
});
