import { describe, expect, test } from 'vitest';
import { contextOf, type PeriodContext } from '../../../functions/report/context.ts';
import { costsOf, currencyOf } from '../../../functions/report/costs.ts';
import type { DayFigures, KeyFigure, ReportFacts } from '../../../functions/report/facts.ts';
import { periodBefore } from '../../../functions/report/period.ts';
import { readFacts } from '../../../functions/report/read-facts.ts';
import { reportPage } from '../../../functions/report/report-page.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { zuduCalls } from '../../../schemas/tables/zudu.ts';

const REQUEST = {
  ...{ title: undefined, weeks: 8, minimumCell: 1, staleAfterMs: 3_600_000, views: { timeZone: 'UTC' } },
  ...{ tables: [kalemCalls, zuduCalls], at: new Date('2026-06-19T14:00:00Z') },
};
const PERIOD = periodBefore('2026-06-19', 8);
const cost = (source: string, account: string, value: number): KeyFigure => ({
  ...{ source, account, metric: 'cost', unit: 'currency', better: -1, value, base: 10, previous: null },
  ...{ previousBase: 0, isComplete: true },
});
const day = (source: string, account: string, date: string, costCurrency: string | null): DayFigures => ({
  ...{ source, account, date, calls: 1, missed: null, booked: null, afterHours: null, waited: null, inTarget: null },
  costCurrency,
});
const context = (figures: readonly KeyFigure[], days: readonly DayFigures[]): PeriodContext => {
  const facts: ReportFacts = {
    ...{ period: PERIOD, accounts: [], streams: [], figures, days, hours: [], waits: [], categories: [] },
    ...{ followUps: [], clinicians: [], visits: [], agents: [], quality: [], reconciliation: undefined },
  };
  return { ...contextOf(facts, REQUEST), period: PERIOD };
};

describe('costs of the seven days', () => {
  test('of one currency are added up, and unknown ones never', () => {
    const costs = costsOf(
      context(
        [cost('kalem', 'north', 2), cost('kalem', 'south', 3), cost('zudu', 'a', 10), cost('zudu', 'b', 20)],
        [day('kalem', 'north', '2026-06-17', 'USD'), day('kalem', 'south', '2026-06-17', 'USD')],
      ),
    );
    expect(costs.map(({ currency, value, sources }) => [currency, value, sources])).toEqual([
      ['USD', 5, 'Kalem'],
      [null, 20, 'Zudu · b'],
      [null, 10, 'Zudu · a'],
    ]);
  });

  test('are in the currency of the last of these days', () => {
    const changed = context(
      [],
      ['2026-06-01 EUR', '2026-06-17 USD', '2026-06-19 GBP'].map((text) => {
        const [date = '', currency = ''] = text.split(' ');
        return day('zudu', 'a', date, currency);
      }),
    );
    expect(currencyOf({ source: 'zudu', account: 'a' }, changed)).toBe('USD');
  });
});

describe("a vendor's word for a currency", () => {
  const pageWith = async (word: string) => {
    const rows = (sql: string): readonly (readonly unknown[])[] => {
      if (sql.includes('covered_until')) return [['zudu', 'default', '2026-06-19']];
      if (sql.includes('key_figures')) return [['zudu', 'default', 'cost', 'currency', -1, 12.5, 10, null, 0, true]];
      if (sql.includes('calls_daily')) return [['zudu', 'default', '2026-06-17', 10, 0, 0, 0, 0, 0, word]];
      return [];
    };
    const facts = await readFacts(async (sql) => ({ rows: rows(sql) }), REQUEST, { recent: 'r', whole: 'w' });
    return reportPage(facts, REQUEST);
  };

  test('that is a code is shown as one', async () => {
    expect(await pageWith('USD')).toContain('$12.50');
    expect(await pageWith('eur')).toContain('€12.50');
  });

  test.each(['credits', '', '$', '<b>', 'US'])('that is none (%j) leaves the currency unknown', async (word) => {
    const page = await pageWith(word);
    expect(page).toContain('12.50*');
    expect(page).toContain('Cost, currency unknown');
  });
});
