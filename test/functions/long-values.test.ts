import { describe, expect, test } from 'vitest';
import { trackSortOrder } from '../../functions/extract/pages/page-tally.ts';
import { COERCE, newRejects } from '../../functions/extract/rows/coerce.ts';
import { compileFlatten } from '../../functions/extract/rows/flatten.ts';
import { toE164 } from '../../functions/extract/rows/hashes.ts';
import { parseJson } from '../../functions/http/lossless-json.ts';
import { rateLimitPauseMs, retryAfterMs } from '../../functions/http/pacing.ts';
import { findSource } from '../../functions/source/registry.ts';
import { variantsOf } from '../../functions/source/variants.ts';
import { parseDay, parseInstant } from '../../functions/time.ts';
import type { ColumnType } from '../../schemas/column.ts';
import { isJsonObject, RawNumber, toJsonText } from '../../schemas/json-text.ts';
import type { Table } from '../../schemas/table.ts';
import { allTables } from '../../scripts/all-tables.ts';
import { expectLinear } from '../helpers/expect-linear.ts';
import { LONG_NUMBERS, LONG_VALUES } from '../helpers/long-values.ts';
import { testTexts } from '../helpers/texts.ts';

const ENVELOPE = [
  ...['data', 'meta', 'links', 'pagination', 'calls', 'organization_users', 'audit_logs', 'status', 'error', 'page'],
  ...['total', 'total_count', 'total_pages', 'total_items', 'current_page', 'last_page', 'next_page_url', 'has_more'],
  ...['total_calls', 'average_duration', 'call_fail_rate', 'average_wait_time'],
];
const TABLES = await allTables();
const SOURCES = await Promise.all([...new Set(TABLES.map(({ source }) => source))].map(findSource));

/** A record that holds the value in every field that a column of the table reads. */
function recordOf({ columns, ignorePaths }: Table, value: unknown): Record<string, unknown> {
  const record: Record<string, unknown> = { unknown: value };
  for (const path of [...ignorePaths, ...Object.values(columns).flatMap(({ paths }) => paths)]) {
    const names = path.replace('^', '').split('.');
    let at = record;
    for (const name of names.slice(0, -1)) {
      const below = isJsonObject(at[name]) ? (at[name] as Record<string, unknown>) : {};
      at[name] = below;
      at = below;
    }
    at[names.at(-1) ?? path] ??= value;
  }
  return record;
}

/** A header holds no line break, and of other characters only the first 256. */
function headersOf(text: string): Headers {
  const plain = text.replaceAll(/[^ -~]/g, '');
  return new Headers({ 'x-ratelimit-remaining': '0', 'x-ratelimit-reset': plain, 'x-ratelimit-limit': plain });
}

describe.each(Object.entries(LONG_VALUES))('%s', (_name, longValue) => {
  test('is parsed and written in linear time, alone and nested', () => {
    expectLinear((size) => parseJson(longValue(size)));
    expectLinear((size) => toJsonText(parseJson(`{"a":[[${longValue(size)}],{"b":${longValue(16)}}]}`)));
    // What is cut short is read by the slower reader.
    expectLinear((size) => expect(() => parseJson(`[12345678901234567890,${longValue(size)}`)).toThrow('not JSON'));
  });

  test('is converted to a value of any column in linear time, or rejected', () => {
    for (const type of Object.keys(COERCE) as ColumnType[]) {
      expectLinear((size) => {
        const doubts: string[] = [];
        const value = COERCE[type](parseJson(longValue(size)), (doubt) => doubts.push(doubt));
        expect(value === null ? doubts.length : 1).toBe(1);
      });
    }
  });

  test('is read as an instant, a day, a telephone number and a header in linear time', () => {
    expectLinear((size) => {
      const value = parseJson(longValue(size));
      const text = typeof value === 'string' ? value : longValue(size);
      for (const read of [toE164, parseInstant, parseDay, (header: string) => retryAfterMs(header, 0)]) read(text);
      rateLimitPauseMs(headersOf(text), 0);
      trackSortOrder(['at']).see([{ at: value }, { at: value }]);
    });
  });

  test('becomes rows of every table in linear time, in whatever field it is', () => {
    for (const table of TABLES) {
      const flatten = compileFlatten([table], { rejects: newRejects(), stableKeys: new Map(), texts: testTexts() });
      expectLinear((size) => {
        const record = recordOf(table, parseJson(longValue(size)));
        flatten(record, record);
      }, 1 << 17);
    }
  });

  test('is read as any part of an answer in linear time', () => {
    for (const stream of SOURCES.flatMap(({ streams }) => Object.values(streams))) {
      expectLinear((size) => {
        const value = parseJson(longValue(size));
        const flat = Object.fromEntries(ENVELOPE.map((name) => [name, value]));
        const nested = { ...flat, data: { ...flat, calls: [], pagination: flat }, meta: flat, pagination: flat };
        for (const body of [value, flat, { ...nested, data: [] }, { ...nested, calls: [] }, nested]) {
          try {
            for (const variant of variantsOf(stream))
              variant.read(body, { partition: { id: 'any', context: {} }, page: 1, size: 1 });
          } catch (error) {
            expect(error).toHaveProperty('exitCode', 4);
          }
        }
      }, 1 << 17);
    }
  });
});

describe('a long number', () => {
  test.each(Object.entries(LONG_NUMBERS))('%s keeps its value and all its digits', (_name, longNumber) => {
    const text = longNumber(4000);
    const value = parseJson(text);
    if (value instanceof RawNumber) expect(value.text).toBe(text);
    else expect(exactly(String(value))).toEqual(exactly(text));
    expect(exactly(toJsonText(value))).toEqual(exactly(text));
  });

  test.each([
    ['bigint', '7'.repeat(4000), 'another number where an integer is expected'],
    ['decimal', '7'.repeat(4000), 'another number where an amount below 10^12 is expected'],
    ['double', '7'.repeat(4000), 'another number where a number is expected'],
    ['timestamp', '7'.repeat(4000), 'another number where an instant is expected'],
  ] as const)('becomes null and is counted if no %s can hold it', (type, text, reason) => {
    const doubts: string[] = [];
    expect(COERCE[type](parseJson(text), (doubt) => doubts.push(doubt))).toBeNull();
    expect(doubts).toEqual([reason]);
  });

  test.each([
    [`"${'0'.repeat(4000)}12.5"`, '12.500000'],
    [`"125${'0'.repeat(4000)}e-4001"`, '12.500000'],
    [`"0.${'0'.repeat(4000)}125e4003"`, '125.000000'],
    [`"0.0000005${'0'.repeat(4000)}"`, '0.000001'],
    [`"-0.0000004${'9'.repeat(4000)}"`, '0.000000'],
    [`0.5${'0'.repeat(4000)}`, '0.500000'],
  ])('is read as an amount if its value is one: %#', (json, amount) => {
    expect(COERCE.decimal(parseJson(json), () => expect.unreachable())).toBe(amount);
  });
});

/** Digits and power of ten, by another way: as one integer. */
function exactly(text: string): readonly [bigint, bigint] {
  const [mantissa = '', exponent = '0'] = text.toLowerCase().split('e');
  const [whole = '', fraction = ''] = mantissa.split('.');
  let digits = BigInt(`${whole}${fraction}`);
  let power = BigInt(exponent) - BigInt(fraction.length);
  while (digits !== 0n && digits % 10n === 0n) {
    digits /= 10n;
    power += 1n;
  }
  return [digits, digits === 0n ? 0n : power];
}
