import { describe, expect, test } from 'vitest';
import { quoteDay, quoteList, quoteName, quoteText, toLocalTime } from '../../../schemas/derive/sql-text.ts';

describe('quoting', () => {
  test('lets no text out of its literal', () => {
    expect(quoteText("o'neil' OR '1")).toBe("'o''neil'' OR ''1'");
    expect(quoteList(["a'", 'b'])).toBe("('a''', 'b')");
  });

  test('lets no name out of its quotes', () => {
    expect(quoteName('a"b')).toBe('"a""b"');
  });

  test('takes days only', () => {
    expect(quoteDay('2026-01-31')).toBe("DATE '2026-01-31'");
    expect(() => quoteDay("2026-01-31' OR '1")).toThrow(RangeError);
  });
});

describe('toLocalTime', () => {
  test('leaves UTC as it is, within the years 1 to 9999', () => {
    expect(toLocalTime('started_at', 'UTC')).toMatch(/^CASE WHEN started_at >= .* THEN started_at END$/);
  });
});
