import { expect, test } from 'vitest';
import type { FetchedPage } from '../../../../functions/extract/pages/fetched-page.ts';
import { refuseUnclearFlags } from '../../../../functions/extract/redact/refuse-unclear-flags.ts';
import { boolean, code } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { unitSession, unitTable } from '../../../helpers/session.ts';

const table = defineTable({
  ...{ name: 'calls', source: 'unit', doc: 'Calls.', key: ['id'], optOut: { flagColumn: 'quiet' } },
  columns: { id: unitTable.columns['id'] as never, quiet: boolean({ path: ['quiet', 'opt_out'], doc: 'Opt-out.' }) },
});

test.each([
  { says: 'five records without it', records: [{}, {}, {}, {}, {}], isRefused: true },
  { says: 'three of five', records: [{}, {}, {}, { quiet: true }, { opt_out: false }], isRefused: true },
  { says: 'half of them', records: [{}, {}, {}, { quiet: 1 }, { quiet: 0 }, { quiet: 1 }], isRefused: false },
  { says: 'four records', records: [{}, {}, {}, {}], isRefused: false },
  { says: 'four records, and what is none', records: [{}, {}, {}, {}, 'text', null], isRefused: false },
])('a page is refused if most of at least five records have no clear flag: $says', async ({ records, isRefused }) => {
  const { session } = await unitSession();
  const refuse = () => refuseUnclearFlags(session, table, { number: 3, records } as unknown as FetchedPage);
  if (isRefused) expect(refuse).toThrow('field quiet, opt_out of page 3 is missing or neither true nor false');
  else expect(refuse).not.toThrow();
});

test.each([
  { keepIf: false, message: 'neither true nor false in 5 of 5 records; expected true or false in most' },
  { keepIf: true, message: 'neither true nor false in 5 of 5 records; expected true or false in most' },
  {
    keepIf: 'everything',
    message: 'field consent of page 3 is missing or empty in 5 of 5 records; expected a word in most',
  },
])(
  'a refusal says what is expected of a flag by which all may be stored if it is $keepIf',
  async ({ keepIf, message }) => {
    const { session } = await unitSession();
    const flag = { path: 'consent', doc: 'Consent.' };
    const consent = typeof keepIf === 'string' ? code('everything', 'nothing')(flag) : boolean(flag);
    const own = defineTable({
      ...{ name: 'calls', source: 'unit', doc: 'Calls.', key: ['id'], optOut: { flagColumn: 'consent', keepIf } },
      columns: { id: unitTable.columns['id'] as never, consent },
    });
    const page = { number: 3, records: Array.from({ length: 5 }, () => ({ consent: '' })) } as unknown as FetchedPage;
    expect(() => refuseUnclearFlags(session, own, page)).toThrow(message);
  },
);
