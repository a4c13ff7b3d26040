import { describe, expect, test } from 'vitest';
import { startScan } from '../../../../functions/extract/pages/partition-scan.ts';
import type { Seams } from '../../../../functions/extract/pages/seams.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import { DAY_MS } from '../../../../functions/time.ts';
import { readOne } from '../../../helpers/read-one.ts';
import { UNIT_AT, unitRecord, unitSession } from '../../../helpers/session.ts';

describe('a scan that goes back', () => {
  /** Takes pages of two keys; a page that does not join is marked with `!`, and the scan goes back from it. */
  async function walk(pages: readonly string[], firstPage = 1, hasTokens = false) {
    const { session } = await unitSession();
    let isJoined = true;
    let gaps = 0;
    const seams: Seams = {
      take: () => isJoined,
      end() {},
      leaveGap() {
        gaps += 1;
      },
      mayGoBack: true,
      notes: () => ({}),
    };
    const scan = startScan(session, { partition: WHOLE_STREAM, window: undefined, startPage: firstPage, seams });
    const asked: number[] = [];
    for (const text of pages) {
      const keys = [...text.replace('!', '')];
      const number = scan.request().page;
      asked.push(number);
      isJoined = !text.endsWith('!');
      const records = keys.map((id) => ({ id }));
      const page = { partition: WHOLE_STREAM, number, records, keys, body: {}, bytes: Buffer.alloc(0) };
      if (scan.take(page)) scan.advance({ records, more: true, ...(hasTokens && { next: `after ${number}` }) });
      else scan.goBack();
    }
    const next = scan.request().page;
    return { asked, next, gaps, isDisordered: scan.isDisordered(), wentBack: scan.wentBack() };
  }

  test.each([0, 1])('reads the page before again, then twice as far; first page %d', async (first) => {
    const at = (...places: number[]) => places.map((place) => place + first);
    expect(await walk(['ab', 'cd', 'ef!'], first)).toMatchObject({ asked: at(0, 1, 2), next: first + 1 });
    const twice = await walk(['ab', 'cd', 'ef', 'gh!', 'ef!'], first);
    expect(twice).toMatchObject({ asked: at(0, 1, 2, 3, 2), next: first });
    // A page that joins begins anew.
    const joined = await walk(['ab', 'cd', 'ef', 'gh!', 'ef', 'gh!'], first);
    expect(joined).toMatchObject({ asked: at(0, 1, 2, 3, 2, 3), next: first + 2 });
  });

  test.each([
    { before: 0, steps: 6 },
    { before: 1, steps: 6 },
    { before: 2, steps: 7 },
    { before: 8, steps: 9 },
  ])('does so $steps times in a row at most after $before pages that join, then leaves a gap', async (given) => {
    const joined = Array.from({ length: given.before }, (_, n) => `${n}+`);
    const apart = Array.from({ length: given.steps }, () => '?!!');
    expect(await walk([...joined, ...apart])).toMatchObject({ gaps: 0 });
    expect(await walk([...joined, ...apart, '?!!'])).toMatchObject({ gaps: 1 });
  });

  test('does not, but leaves a gap, where pages are requested by a token', async () => {
    const pages = ['ab', 'cd', 'ef!', 'gh'];
    expect(await walk(pages, 1, true)).toMatchObject({ asked: [1, 2, 3, 4], next: 5, gaps: 1, wentBack: false });
    expect(await walk(pages, 1, false)).toMatchObject({ asked: [1, 2, 3, 2], gaps: 0, wentBack: true });
  });

  test.each([0, 1])(
    'expects the records of pages that it has read before, and no others; first page %d',
    async (first) => {
      const again = ['ab', 'cd', 'ef!', 'cd', 'ef'];
      expect(await walk(again, first)).toMatchObject({ isDisordered: false, wentBack: true });
      expect((await walk([...again, 'gh'], first)).isDisordered).toBe(false);
      expect((await walk([...again, 'eg'], first)).isDisordered).toBe(true);
      expect(await walk(['ab', 'cd', 'be'], first)).toMatchObject({ isDisordered: true, wentBack: false });
    },
  );
});

describe('a read that was cut goes on', () => {
  const history = {
    settings: { historyDay: Math.floor(UNIT_AT / DAY_MS) - 5 },
    stream: { window: { by: 'at', as: 'iso' } },
  } as const;
  const old = (id: string) => unitRecord(id, 30 * 24 * 60);
  const page = (records: readonly object[], more = true) => ({ records, more });
  /** Pages that are requested by a read that continues at page 3, which shows these records. */
  const asked = async (records: readonly object[], more: object = {}) => {
    const answers = [page(records), page([unitRecord('z')], false)];
    return (
      await readOne(answers, {
        ...history,
        plan: { kind: 'window' },
        strategy: { startOf: () => ({ page: 3 }) },
        ...more,
      })
    ).asked;
  };

  test.each([
    { says: 'a record is known', records: [unitRecord('a'), unitRecord('k')], known: ['k'] },
    { says: 'all began before history', records: [old('a'), old('b')], known: [] },
  ])('where it was cut, if of the records there $says', async ({ records, known }) => {
    expect(await asked(records, { known })).toEqual(['all/3', 'all/4']);
  });

  test.each([
    { says: 'none is known', records: [unitRecord('a'), unitRecord('b')] },
    { says: 'one began before history, and none is known', records: [old('a'), unitRecord('b')] },
  ])('at its beginning, if of the records there $says', async ({ records }) => {
    expect(await asked(records)).toEqual(['all/3', 'all/1']);
  });
});
