import { DeclarationError } from '../../functions/errors.ts';
import { bearer } from '../../functions/source/auth.ts';
import { checkDeclaration } from '../../functions/source/check-declaration.ts';
import { type CollectionStream, defineSource, type SourceOptions, type Stream } from '../../functions/source/source.ts';
import { bigint, id, text, timestamp } from '../../schemas/column.ts';
import { defineTable, type TableOptions } from '../../schemas/table.ts';

export const OPTIONS: TableOptions = {
  name: 'nova_calls',
  source: 'nova',
  doc: 'One row per call.',
  key: ['id'],
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id of the call.' }),
    started_at: timestamp({ path: 'start.time', doc: 'Start.' }),
    seconds: bigint({ path: 'seconds', doc: 'Duration.' }),
    phone: text({ path: 'phone', hash: 'phone', doc: 'Number.' }),
  },
};
export const CALLS: CollectionStream = {
  kind: 'collection',
  tables: [defineTable(OPTIONS)],
  path: '/calls',
  pageSize: 50,
  order: ['start.time'],
  window: { by: 'started_at', as: 'iso' },
  tiers: [{ every: '15m', back: '6h' }],
  ask: ({ page, size, from, to }) => ({ query: { page, size, from, to } }),
  answer: { records: 'data', more: 'more' },
};

/** Checks a source with one stream. */
export function check(stream: object = {}, source: Partial<SourceOptions> = {}, table: Partial<TableOptions> = {}) {
  const tables: Stream['tables'] = [defineTable({ ...OPTIONS, ...table })];
  const calls = { ...CALLS, tables, ...stream } as Stream;
  const declared = {
    name: 'nova',
    baseUrl: 'https://nova.example',
    auth: bearer('NOVA_TOKEN'),
    streams: { calls },
    ...source,
  };
  return () => checkDeclaration('functions/sources/nova.ts', 'nova', defineSource(declared));
}
/** What a declaration with this fault is refused with. */
export const says = (at: string, seen: string, expected: string) =>
  new DeclarationError(
    `functions/sources/nova.ts: ${at}: ${seen}; expected ${expected}. Other sources are not affected`,
  );
