import { bearer } from '../../../functions/source/auth.ts';
import { defineSource } from '../../../functions/source/source.ts';
import { bigint, boolean, id, text, timestamp } from '../../../schemas/column.ts';
import { listOf } from '../../../schemas/json-text.ts';
import { defineTable } from '../../../schemas/table.ts';

const calls = defineTable({
  name: 'nook_calls',
  source: 'nook',
  doc: 'One row per call.',
  key: ['id'],
  optOut: { flagColumn: 'opt_out' },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id of the call.' }),
    started_at: timestamp({ path: 'started_at', doc: 'Start.' }),
    revision: bigint({ path: 'revision', doc: 'Version of the call.' }),
    opt_out: boolean({ path: 'opt_out', doc: 'The caller wants nothing stored.' }),
    note: text({ path: 'note', doc: 'Note.' }),
  },
});

const details = defineTable({
  name: 'nook_call_details',
  source: 'nook',
  doc: 'One row per call, with what is shown of single calls only.',
  key: ['call_id'],
  ignorePaths: ['turns'],
  columns: {
    call_id: id({ path: '$id', nullable: false, doc: 'Id of the call.' }),
    revision: bigint({ path: 'revision', doc: 'Version of the call.' }),
    transcript: text({ path: 'transcript', doc: 'What was said.' }),
  },
});

const turns = defineTable({
  name: 'nook_call_turns',
  source: 'nook',
  doc: 'One row per turn of a call.',
  key: ['call_id', 'turn'],
  removal: 'with-parent',
  explode: ({ turns: given }) => listOf(given),
  columns: {
    call_id: id({ path: '$id', nullable: false, doc: 'Id of the call.' }),
    turn: bigint({ path: 'turn', nullable: false, doc: 'Number of the turn.' }),
    words: text({ path: 'words', doc: 'What was said.' }),
  },
});

/** A vendor of the simulation alone: its list has tokens, and each call has details that are requested alone. */
export default defineSource({
  name: 'nook',
  baseUrl: 'https://api.nook.example',
  auth: bearer('NOOK_TOKEN'),
  streams: {
    calls: {
      kind: 'collection',
      tables: [calls],
      path: '/v1/list-calls',
      pageSize: 4,
      order: ['started_at'],
      tiers: [
        { every: '15m', back: '6h' },
        { every: '6h', back: '3d' },
      ],
      ask: ({ size, next }) => ({ body: { limit: size, key: next } }),
      answer: { records: 'calls', next: 'next_key', more: 'has_more', total: 'total' },
      details: { call_details: { tables: [details, turns], path: '/v1/calls/{id}', answer: { record: 'call' } } },
    },
  },
});
