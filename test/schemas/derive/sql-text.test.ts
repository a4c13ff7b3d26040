import { describe, expect, test } from 'vitest';
import { NOW_UTC, quoteDay, quoteList, quoteName, quoteText, toLocalTime } from '../../../schemas/derive/sql-text.ts';

describe('quoting', () => {
  test.each([
    ['', "''"],
    ['a', "'a'"],
    ["o'neil' OR '1", "'o''neil'' OR ''1'"],
    ['a\\', "'a\\'"],
    ['"', `'"'`],
  ])('quoteText keeps %j within its literal', (text, expected) => {
    expect(quoteText(text)).toBe(expected);
  });

  test('quoteName keeps a name within its quotes', () => {
    expect(quoteName('a"b"')).toBe('"a""b"""');
    expect(quoteName("a'b")).toBe(`"a'b"`);
  });

  test('quoteList quotes each text', () => {
    expect(quoteList(["a'", 'b'])).toBe("('a''', 'b')");
    expect(quoteList(['a'])).toBe("('a')");
  });

  test('quoteDay accepts YYYY-MM-DD', () => {
    expect(quoteDay('2026-01-31')).toBe("DATE '2026-01-31'");
  });

  test.each([
    "2026-01-31' OR '1",
    ' 2026-01-31',
    '2026-01-31 ',
    '2026-1-31',
    '12026-01-31',
    '2026-01-310',
    '2026-01-31\n',
    '',
  ])('quoteDay refuses %j', (day) => {
    expect(() => quoteDay(day)).toThrow(new RangeError('a day is not of the form YYYY-MM-DD'));
  });
});

describe('toLocalTime', () => {
  const BOUNDED =
    "CASE WHEN at >= TIMESTAMP '0001-01-02 00:00:00' AND at < TIMESTAMP '9999-12-31 00:00:00' THEN at END";

  test('only bounds the timestamp if the zone is UTC', () => {
    expect(toLocalTime('at', 'UTC')).toBe(BOUNDED);
  });

  test('goes through a timestamp with time zone for any other zone', () => {
    expect(toLocalTime('at', 'America/New_York')).toBe(
      `CAST(TRY_CAST(CAST(${BOUNDED} AS varchar) || ' UTC' AS timestamp with time zone) AT TIME ZONE 'America/New_York' AS timestamp(6))`,
    );
  });
});

test('NOW_UTC does not depend on the time zone of the session', () => {
  expect(NOW_UTC).toBe("CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp(6))");
});
