import { describe, expect, test } from 'vitest';
import {
  AnswerTooLargeError,
  ContractError,
  RequestRefusedError,
  SourceUnavailableError,
} from '../../../../functions/errors.ts';
import { older, whyNotGone } from '../../../../functions/extract/changes/shown-in-window.ts';
import type { DigestEntry } from '../../../../functions/lake/digest/digest-entry.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { MINUTE_MS } from '../../../../functions/time.ts';
import { entry } from '../../../helpers/read-one.ts';
import {
  UNIT_AT,
  type UnitAnswer,
  unitPartition,
  unitRecord,
  unitSession,
  unitStream,
} from '../../../helpers/session.ts';

const window = { by: 'at', as: 'iso' as const };
const began = (minutes: number, more: Partial<DigestEntry> = {}) => ({
  key: `m${minutes}`,
  entry: entry({ sortedAt: UNIT_AT - minutes * MINUTE_MS, ...more }),
});

describe('of two records that seem to be gone', () => {
  const stream = { ...unitStream, window } as Stream;
  const [early, late, unknown] = [began(9), began(1), { key: 'u', entry: entry() }];

  test.each([
    { says: 'the older one', one: early, other: late, is: early },
    { says: 'the older one, if it comes second', one: late, other: early, is: early },
    { says: 'the first of two that began at once', one: early, other: { ...early, key: 'other' }, is: early },
    { says: 'the one of which it is known', one: unknown, other: late, is: late },
    { says: 'the only one', one: undefined, other: late, is: late },
  ])('$says is looked for', ({ one, other, is }) => {
    // The day of a record without an instant is known too, unless the window is on another column.
    const by = { ...stream, tables: [{ ...unitStream.tables[0], partOn: undefined }] } as unknown as Stream;
    expect(older(by, one, other)).toBe(is);
  });
});

describe('a record that a full scan did not show', () => {
  const asked: unknown[] = [];
  const lookFor = async (answer: UnitAnswer, plan: object = {}, more: object = {}) => {
    asked.length = 0;
    const { session } = await unitSession({
      stream: {
        window,
        partitions: () => [unitPartition('x')],
        ask: ({ from, to, partition, page, size, next }) => {
          asked.push({ from, to, list: partition.id, page, size, next });
          return { query: { page } };
        },
        ...more,
      },
      answer,
    });
    const partitions = [{ ...unitPartition('all'), sweepOnly: true }, unitPartition('w'), unitPartition('x')];
    return whyNotGone(session, { kind: 'sweep', partitions, tiers: [], ...plan }, began(9, { group: 'x' }));
  };
  const showing =
    (...ids: string[]) =>
    (): unknown => ({ records: ids.map((one) => unitRecord(one)) });

  test('is looked for in its list, a minute around its beginning', async () => {
    expect(await lookFor(showing())).toBeUndefined();
    const iso = (minutes: number) => new Date(UNIT_AT - minutes * MINUTE_MS).toISOString();
    expect(asked).toMatchObject([{ from: iso(10), to: iso(8), list: 'x', page: 1, size: 2, next: undefined }]);
  });

  test('whose list is not read is looked for in the first one that is not for full scans alone', async () => {
    await lookFor(showing(), { partitions: [{ ...unitPartition('all'), sweepOnly: true }, unitPartition('w')] });
    expect(asked).toMatchObject([{ list: 'w' }]);
  });

  test('is not gone if the window shows it, and then nothing is', async () => {
    const why = await lookFor(showing('other', 'm9'));
    expect(why).toBeInstanceOf(ContractError);
    expect(why?.message).toBe(
      'unit.calls: /calls: a window of time shows a record that the complete list lacks, so the list does not show everything; nothing is marked removed. ' +
        "Look into the vendor's document, and declare window.cap (most records that a query shows), window.longest (longer windows are cut) or " +
        'window.required (without a window only the last days are shown)',
    );
  });

  test('is looked for on each page of the window, because a vendor may filter by day', async () => {
    const answer = ({ page }: { readonly page: number }) => ({
      records: [unitRecord(page < 3 ? `other-${page}` : 'm9')],
      more: page < 4,
      ...(page < 4 && { next: `after-${page}` }),
    });
    expect(await lookFor(answer)).toBeInstanceOf(ContractError);
    expect(asked).toMatchObject([
      { page: 1, size: 2, next: undefined },
      { page: 2, size: 2, next: 'after-1' },
      { page: 3, size: 2, next: 'after-2' },
    ]);
  });

  test.each<{ says: string; pages: number; answer: (page: number) => object }>([
    { says: 'its end', pages: 3, answer: (n) => ({ records: [unitRecord(`o${n}`)], more: n < 3 }) },
    { says: 'an empty page', pages: 3, answer: (n) => ({ records: n < 3 ? [unitRecord(`o${n}`)] : [], more: true }) },
    { says: 'a page that shows nothing new', pages: 2, answer: () => ({ records: [unitRecord('o')] }) },
    {
      says: 'a page that shows nothing new, also with a new token',
      pages: 2,
      answer: (n) => ({ records: [unitRecord('o')], paging: 'token', next: `t${n}` }),
    },
    { says: 'page 10', pages: 10, answer: (n) => ({ records: [unitRecord(`o${n}`)], more: true }) },
    { says: 'page 10', pages: 10, answer: (n) => ({ records: [], more: true, paging: 'token', next: `t${n}` }) },
  ])('is looked for as far as $says', async ({ pages, answer }) => {
    expect(await lookFor(({ page }) => answer(page))).toBeUndefined();
    expect(asked).toHaveLength(pages);
  });

  test('by a scan of windows is looked for too, because the vendor may cut long ones', async () => {
    expect(await lookFor(showing('m9'), { window: { from: new Date(0) } })).toBeInstanceOf(ContractError);
  });

  test('is gone if the window shows others alone', async () => {
    expect(await lookFor(showing('other'))).toBeUndefined();
  });

  test('is gone if the vendor refuses so old a window', async () => {
    expect(await lookFor(() => new RequestRefusedError('too old'))).toBeUndefined();
  });

  test.each([
    new SourceUnavailableError('down'),
    new ContractError('a failure with status 200'),
    new AnswerTooLargeError('too large'),
  ])('may not be gone if the window has no answer: %s', async (failure) => {
    expect(await lookFor(() => failure)).toBe(failure);
    await expect(lookFor(() => new TypeError('a bug'))).rejects.toThrow('a bug');
  });

  test.each([
    { says: 'where the vendor has no filter', plan: {}, more: { window: undefined } },
    { says: 'where no list is left', plan: { partitions: [] }, more: {} },
  ])('is not looked for $says', async ({ plan, more }) => {
    expect(await lookFor(showing('m9'), plan, more)).toBeUndefined();
    expect(asked).toEqual([]);
  });
});
