import { describe, expect, test } from 'vitest';
import { extractAccount } from '../../../../functions/extract/extract-account.ts';
import { type DailyStream, defineSource } from '../../../../functions/source/source.ts';
import { DAILY_CASES } from '../../../../local/commands/check-source/daily-cases.ts';
import type { Extract } from '../../../../local/commands/check-source/world.ts';
import figures from '../../../fixtures/sources/figures.ts';
import { failures, resultsOf } from '../../../helpers/conformance.ts';

/** The source of the fixture, whose daily stream is changed. */
function changed(change: Partial<DailyStream>) {
  const { sites, daily } = figures.streams;
  if (!sites || daily?.kind !== 'daily') throw new Error('no daily figures');
  return defineSource({ ...figures, streams: { sites, daily: { ...daily, ...change } } });
}

describe('the cases of daily figures', () => {
  test('fail for an extraction that reads no day again, and none before the first run', async () => {
    const once: Extract = (_source, request, ports) =>
      extractAccount(changed({ tiers: [{ every: '365d', back: '1d' }], historyFrom: [] }), request, ports);
    const failed = failures(await resultsOf(figures, once));
    expect(failed['a late correction of a day is found']).toContain('records have no row');
    expect(Object.keys(failed)).toEqual(expect.arrayContaining(DAILY_CASES.map(({ name }) => name)));
  });

  test('hold for one answer per request, without history, and say what does not apply', async () => {
    const plain = changed({
      tiers: [{ every: '1d', back: '1d' }],
      historyFrom: [],
      pageSize: 0,
      ask: ({ from, to }) => ({ query: { from, to } }),
      answer: { records: 'days' },
    });
    const results = (await resultsOf(plain)).filter(({ stream }) => stream === 'daily');
    expect(failures(results)).toEqual({});
    const outcomeOf = (name: string) => results.find((one) => one.name.startsWith(name))?.outcome;
    expect(outcomeOf('a late correction')).toEqual({
      notApplicable: 'no tier reads a day again that the tier before it has read',
    });
    expect(outcomeOf('days are read from the beginning of history')).toEqual({
      notApplicable: 'historyFrom names no stream',
    });
  });
});
