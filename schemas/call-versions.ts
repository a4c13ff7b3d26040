import { boolean, count, type OwnTable, optional, text, timestamp } from './own-table.ts';

/** Columns of the view `calls` that the versions of a call keep. */
export type HistoryColumn = 'status' | 'category';

/** One row per version of a call of the tables that declare `history`. */
export const callVersions: OwnTable = {
  name: 'call_versions',
  doc: 'One row per version of a call that Callhouse saw, of vendors that change calls for weeks (Solum). What changed and changed back between two reads is not seen.',
  key: ['source', 'account', 'call_id', 'seq'],
  monthOf: 'seen_at',
  references: { calls: 'source, account, call_id' },
  columns: {
    source: text('Vendor.'),
    account: text('Account of the source.'),
    call_id: text('Id of the call, as in calls.'),
    seq: count(
      undefined,
      'Number of the commit that brought the version; of two versions of a call, the later one has the greater number.',
    ),
    seen_at: timestamp('Scheduled time of the run that saw the version.'),
    status: optional(
      text(
        'Status, as in calls: in lower case with underscores. Null if callhouse does not show it, and in a removal.',
      ),
    ),
    category: optional(
      text('What the call was about, as in calls. Null if callhouse does not show it, and in a removal.'),
    ),
    is_removed: boolean('True for the version by which the vendor removed the call.'),
  },
};
