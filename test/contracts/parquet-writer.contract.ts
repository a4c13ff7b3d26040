import * as fc from 'fast-check';
import { parquetMetadata } from 'hyparquet';
import { beforeAll, describe, expect, test } from 'vitest';
import { ValueRefusedError } from '../../functions/errors.ts';
import type { ParquetWriter } from '../../functions/ports.ts';
import type { ColumnType } from '../../schemas/column.ts';
import { layoutOf } from '../../schemas/layout.ts';
import type { Value } from '../../schemas/value.ts';
import { columnsOf, everyType } from '../fixtures/every-type.ts';
import { openDuckdbReader, type ReadParquet, readByHyparquet, toArrayBuffer } from '../helpers/read-parquet.ts';

/** What a writer may differ in. */
export interface WriterTraits {
  /** False: integers beyond 2^53 are refused. */
  readonly holdsInt64: boolean;
}

type Row = Readonly<Record<string, Value>>;

const EXACT: readonly (Row & { readonly says: string })[] = [
  { says: 'null and an empty text', text: null },
  { says: 'an empty text', text: '' },
  { says: 'emoji, and letters of many bytes', text: '😀 Łódź 診療所 🇵🇱' },
  { says: 'a NUL character', text: 'a\u0000b\u0000' },
  { says: 'a byte order mark', text: '\ufeffa' },
  { says: 'a text of 1 MB', text: 'ä1'.repeat(350_000) },
  { says: 'JSON text verbatim', json: '{ "a": [1, 2.50, 12345678901234567890], "b": {} }' },
  { says: 'JSON lists verbatim', json: '[]' },
  { says: 'safe integers', bigint: 9_007_199_254_740_991n, required_bigint: -9_007_199_254_740_991n },
  { says: 'the largest and least doubles', double: Number.MAX_VALUE, required_double: 5e-324 },
  { says: 'doubles of 17 digits', double: 0.30000000000000004, required_double: -123456.78901234567 },
  { says: 'minus zero', double: -0, required_double: -0, doubles: [-0, 0] },
  { says: 'the year 1', timestamp: -62_135_596_800_000, required_timestamp: -62_135_596_799_999, date: -719_162 },
  { says: 'the year 1969', timestamp: -1, required_timestamp: -86_400_001, date: -1, required_date: -366 },
  { says: 'the year 9999', timestamp: 253_402_300_799_999, date: 2_932_896 },
  { says: 'milliseconds', timestamp: 1_752_662_096_789, required_timestamp: 1 },
  { says: 'decimals', decimal: '-0.000001', required_decimal: '999999999999.999999' },
  { says: 'an empty list', doubles: [], required_doubles: [] },
  { says: 'lists with nulls', doubles: [null], required_doubles: [1.5, null, null, -2e300] },
  { says: 'true and false', boolean: true, required_boolean: true },
];

const REFUSED: readonly (readonly [column: string, value: unknown])[] = [
  ['text', 42_042],
  ['text', true],
  ['text', undefined],
  ['json', { secret: 42_042 }],
  ['bigint', 42_042],
  ['bigint', '42042'],
  ['bigint', 2n ** 63n],
  ['bigint', -(2n ** 63n) - 1n],
  ['double', Number.NaN],
  ['double', Number.POSITIVE_INFINITY],
  ['double', '42042'],
  ['double', 42_042n],
  ['boolean', 'false'],
  ['boolean', 1],
  ['timestamp', 42_042.5],
  ['timestamp', '2042-01-01T00:00:00Z'],
  ['timestamp', new Date(42_042)],
  ['timestamp', 8.64e15 + 1],
  ['date', '2042-01-01'],
  ['date', 0.5],
  ['decimal', 42.042],
  ['decimal', '42.042'],
  ['decimal', '1234567890123.000000'],
  ['doubles', '[42042]'],
  ['doubles', [42_042, 'x']],
  ['doubles', [Number.NaN]],
  ['doubles', 42_042],
  ['id', null],
  ['required_bigint', null],
];

const wholeNumber = (least: number, most: number) => fc.integer({ min: least, max: most });
const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
const safeBigint = fc.bigInt({ min: -(2n ** 53n) + 1n, max: 2n ** 53n - 1n });

const ARBITRARIES: Readonly<Record<ColumnType, fc.Arbitrary<Value>>> = {
  text: fc.string({ unit: 'binary', maxLength: 40 }),
  json: fc.json(),
  bigint: safeBigint,
  double: fc.oneof(finite, fc.constantFrom(0, -0, 1)),
  boolean: fc.boolean(),
  timestamp: wholeNumber(-62_135_596_800_000, 253_402_300_799_999),
  date: wholeNumber(-719_162, 2_932_896),
  decimal: wholeNumber(-1e9, 1e9).map((millionths) => (millionths / 1e6).toFixed(6)),
  doubles: fc.array(fc.option(finite), { maxLength: 5 }),
};

const anyRow: fc.Arbitrary<Row> = fc.record(
  Object.fromEntries(
    layoutOf(everyType).map(({ name, type, nullable }) => {
      const value = ARBITRARIES[type];
      return [name, nullable ? fc.option(value) : value];
    }),
  ),
);

/** Expects that every reader finds the written values, or the given `expected` ones. */
type ExpectExact = (columns: Value[][], expected?: Value[][]) => Promise<void>;

/** What every writer of Parquet does; its files are read back by hyparquet and by DuckDB. */
export function parquetWriterContract(writer: ParquetWriter, { holdsInt64 }: WriterTraits): void {
  let readers: readonly (readonly [name: string, read: ReadParquet])[] = [];
  beforeAll(async () => {
    readers = [
      ['hyparquet', readByHyparquet],
      ['DuckDB', await openDuckdbReader()],
    ];
  });
  const expectExact: ExpectExact = async (columns, expected = columns) => {
    const file = await writer.write(everyType, columns);
    for (const [name, read] of readers) expect(await read(everyType, file), `read by ${name}`).toStrictEqual(expected);
  };

  describe('holds exactly', () => exactContract(expectExact));
  test('writes a lone surrogate as the replacement character', async () => {
    await expectExact(columnsOf([{ text: 'a\ud800b', id: '\udc00' }]), columnsOf([{ text: 'a\ufffdb', id: '\ufffd' }]));
  });

  test(holdsInt64 ? 'holds the extremes of 64 bits' : 'refuses integers beyond 2^53', async () => {
    for (const value of [2n ** 63n - 1n, -(2n ** 63n), 2n ** 53n, -(2n ** 53n), 1_234_567_890_123_456_789n]) {
      const columns = columnsOf([{ bigint: 1n }, { bigint: value }]);
      if (holdsInt64) await expectExact(columns);
      else await expect(writer.write(everyType, columns)).rejects.toBeInstanceOf(ValueRefusedError);
    }
  });

  describe('refuses', () => refusalContract(writer));
  describe('the footer', () => footerContract(writer));
}

function exactContract(expectExact: ExpectExact): void {
  test.each(EXACT)('$says', async ({ says: _, ...row }) => {
    // Between others, so that it is neither the first, nor the last, nor all there is.
    await expectExact(columnsOf([row]));
    await expectExact(columnsOf([{ text: 'before' }, row, {}, row, { text: 'after', doubles: [1] }]));
  });

  test('no rows', async () => {
    await expectExact(columnsOf([]));
  });

  test('columns that are all null', async () => {
    await expectExact(columnsOf([{}, {}, {}]));
  });

  test('several pages of rows', { timeout: 60_000 }, async () => {
    const rows = Array.from({ length: 9000 }, (_, index): Row => {
      if (index % 7 === 0) return { id: `${index}` };
      const doubles = Array.from({ length: index % 4 }, (__, at) => (at === 1 ? null : index / 8));
      return {
        id: `${index}`,
        text: `${index} `.repeat(40),
        bigint: BigInt(index - 4500),
        timestamp: index,
        doubles,
      };
    });
    await expectExact(columnsOf(rows));
  });

  test('any rows', { timeout: 60_000 }, async () => {
    const property = fc.asyncProperty(fc.array(anyRow, { maxLength: 30 }), (rows) => expectExact(columnsOf(rows)));
    await fc.assert(property, { numRuns: 40 });
  });
}

function refusalContract(writer: ParquetWriter): void {
  test.each(REFUSED)('in column %s the value %o, naming the column and not the value', async (column, value) => {
    const rows = columnsOf([{}, {}]);
    const index = layoutOf(everyType).findIndex(({ name }) => name === column);
    rows[index]?.splice(1, 1, value as Value);
    const error = await writer.write(everyType, rows).catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(ValueRefusedError);
    expect(String(error)).toContain(`table every_type, column ${column}: `);
    expect(String(error)).not.toMatch(/42|secret|1234|NaN|Infinity|\[object/);
  });

  test('columns of different lengths', async () => {
    const columns = columnsOf([{}]);
    columns[3]?.push(null);
    await expect(writer.write(everyType, columns)).rejects.toThrow('of one length');
    await expect(writer.write(everyType, columns.slice(1))).rejects.toThrow('table every_type: expected');
  });
}

function footerContract(writer: ParquetWriter): void {
  test('counts the rows in one row group', async () => {
    const rows = Array.from({ length: 5000 }, (): Row => ({}));
    const { row_groups, num_rows } = parquetMetadata(toArrayBuffer(await writer.write(everyType, columnsOf(rows))));
    expect(row_groups).toHaveLength(1);
    expect(num_rows).toBe(5000n);
  });

  test('has the columns of the layout, and marks those that may be null', async () => {
    const { schema } = parquetMetadata(toArrayBuffer(await writer.write(everyType, columnsOf([{}]))));
    const columns = schema.filter(({ name }) => name !== 'root' && name !== 'list' && name !== 'element');
    expect(columns.map(({ name, repetition_type }) => [name, repetition_type === 'OPTIONAL'])).toEqual(
      layoutOf(everyType).map(({ name, nullable }) => [name, nullable]),
    );
  });

  test('has least and greatest values, but none of free text', async () => {
    const row = { text: 'Jane Doe', json: '"Jane Doe"', _extra: '"Jane Doe"', bigint: 7n, timestamp: 7, date: 7 };
    const file = toArrayBuffer(await writer.write(everyType, columnsOf([row, row])));
    const columns = parquetMetadata(file).row_groups[0]?.columns ?? [];
    const bounded = columns.flatMap(({ meta_data: meta }) => (meta?.statistics?.max_value === undefined ? [] : [meta]));
    const names = bounded.map((meta) => meta.path_in_schema[0]);
    expect(names).toEqual(expect.arrayContaining(['bigint', 'timestamp', 'date', '_part_on', '_seq']));
    for (const name of ['text', 'json', '_extra', 'decimal']) expect(names).not.toContain(name);
  });
}
