import { decimal, id, text, timestamp } from '../../schemas/column.ts';
import { defineTable, type Table } from '../../schemas/table.ts';

/** A table so small that a test can state the complete text of what is derived from it. */
export const TINY: Table = defineTable({
  name: 'tiny',
  source: 'nova',
  doc: "The vendor's calls.",
  key: ['id'],
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    cost: decimal({ path: 'cost', nullable: false, unit: 'USD', doc: 'Cost.' }),
    at: timestamp({ path: 'at', doc: "The call's start." }),
    notes: text({ path: 'notes', doc: 'Notes.' }),
  },
});
