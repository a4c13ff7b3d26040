import { describe, expect, test } from 'vitest';
import { keepRawPage } from '../../../../functions/extract/extract-stream.ts';
import { readPartition } from '../../../../functions/extract/pages/pages.ts';
import { decodeRawPages } from '../../../../functions/lake/raw-pages.ts';
import { RECORD_OPTED_OUT } from '../../../../functions/source/details.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { boolean, id, text } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { expandStored } from '../../../helpers/expand-stored.ts';
import { type UnitOptions, unitRead, unitSession } from '../../../helpers/session.ts';

const table = defineTable({
  name: 'unit_calls',
  source: 'unit',
  doc: 'Calls.',
  key: ['id'],
  optOut: { flagColumn: 'quiet' },
  columns: {
    id: id({ path: 'id', nullable: false, doc: 'Id.' }),
    quiet: boolean({ path: 'quiet', doc: 'Opt-out.' }),
    note: text({ path: 'note', doc: 'Note.' }),
  },
});

/** Takes one page of these records, of which `changed` differ. @returns the raw pages kept */
async function keep(
  records: readonly unknown[],
  changed: number,
  context = {},
  settings: UnitOptions['settings'] = {},
) {
  const { session, store } = await unitSession({
    settings,
    stream: { tables: [table] },
    answer: () => ({ records, more: false, envelope: 'as served' }),
  });
  const { value } = await readPartition(session, unitRead(session), { ...WHOLE_STREAM, context }).next();
  if (!value || !('number' in value)) throw new Error('no page');
  await keepRawPage(session, value, { changed, rows: [] });
  const keys = await session.raw.flush();
  return keys.flatMap((key) =>
    [...decodeRawPages(expandStored(store.objects.get(key)))].map(({ context, body }) => ({
      context,
      body: body.toString(),
    })),
  );
}
const record = (id: unknown, more = {}) => ({ id, quiet: false, note: 'said', ...more });

describe('a page is kept raw', () => {
  test('as it was served, if a record changed', async () => {
    const records = [record('a'), record('b')];
    expect(await keep(records, 1)).toEqual([
      {
        context: { partition: 'all', page: 1, at: '2026-11-01T09:00:00.000Z' },
        body: JSON.stringify({ records, more: false, envelope: 'as served' }),
      },
    ]);
  });

  test('if one of its records has no key, even if nothing changed, because no row holds it', async () => {
    const kept = await keep([record('a'), record(null, { note: 'of nobody' })], 0);
    expect(kept).toHaveLength(1);
    expect(kept[0]?.body).toContain('of nobody');
    expect(await keep(['no record'], 0)).toHaveLength(1);
  });

  test('without the content of a record that opted out', async () => {
    const [page] = await keep([record('a', { quiet: true, unknown: 'said too' }), record('b')], 1);
    expect(JSON.parse(page?.body ?? '').records).toEqual([{ id: 'a', quiet: true, note: null }, record('b')]);
  });

  test.each([
    { optOutWhenAbsent: undefined, note: null },
    { optOutWhenAbsent: true, note: null },
    { optOutWhenAbsent: false, note: 'said' },
  ])('with the note $note of a record without a flag if optOutWhenAbsent is $optOutWhenAbsent', async (given) => {
    const { optOutWhenAbsent, note } = given;
    const settings = optOutWhenAbsent === undefined ? {} : { optOutWhenAbsent };
    const [page] = await keep([record('a', { quiet: undefined }), record('b')], 1, {}, settings);
    expect(JSON.parse(page?.body ?? '').records[0].note).toBe(note);
  });
});

test('a page is not kept if nothing changed and every record has a key', async () => {
  expect(await keep([record('a')], 0)).toEqual([]);
  expect(await keep([], 0)).toEqual([]);
});

test('a page of the details of a record that opted out is not kept, whatever changed', async () => {
  expect(await keep([record('a')], 1, { [RECORD_OPTED_OUT]: true })).toEqual([]);
  expect(await keep([record('a')], 1, { [RECORD_OPTED_OUT]: false })).toHaveLength(1);
});
