import { describe, expect, test } from 'vitest';
import { csvFormat } from '../../../local/console/format-csv.ts';
import { jsonFormat } from '../../../local/console/format-json.ts';
import { tableFormat } from '../../../local/console/format-table.ts';
import { duckdb } from '../../../local/warehouse/duckdb.ts';
import { batchesOf, collectRows } from '../../../local/warehouse/result-value.ts';
import { inFormat } from '../../helpers/in-format.ts';

/** The text of one value in each format. */
async function shown(expression: string) {
  const instance = await duckdb.DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  const { rows } = await collectRows(batchesOf(await connection.run(`SELECT ${expression} AS v`)));
  connection.closeSync();
  instance.closeSync();
  const [csv = ''] = inFormat(csvFormat(['v']), rows)
    .split('\n')
    .slice(1);
  const table = inFormat(tableFormat(['v']), rows).split('\n')[2];
  return { csv, table, json: JSON.parse(inFormat(jsonFormat(['v']), rows))[0].v };
}

describe('a value is shown with every digit', () => {
  test.each([
    ["TIMESTAMP '2026-01-02 03:04:05.678'", '2026-01-02T03:04:05.678Z'],
    ["TIMESTAMP '2026-01-02 03:04:05.678901'", '2026-01-02T03:04:05.678901Z'],
    ["TIMESTAMP '2026-01-02 03:04:05.000001'", '2026-01-02T03:04:05.000001Z'],
    ["TIMESTAMP '1926-01-02 03:04:05.678901'", '1926-01-02T03:04:05.678901Z'],
    ["TIMESTAMPTZ '2026-01-02 03:04:05.678901+00'", '2026-01-02T03:04:05.678901Z'],
    ["TIMESTAMP_NS '2026-01-02 03:04:05.678901234'", '2026-01-02T03:04:05.678901234Z'],
    ["TIMESTAMP 'infinity'", 'infinity'],
    ["TIMESTAMPTZ '-infinity'", '-infinity'],
    ["DATE 'infinity'", 'infinity'],
    ["DATE '-infinity'", '-infinity'],
    ["DATE '2026-01-02'", '2026-01-02'],
  ])('%s', async (expression, text) => {
    expect(await shown(expression)).toEqual({ csv: text, table: text, json: text });
  });

  test.each([
    ["'nan'::DOUBLE", 'NaN'],
    ["'-inf'::DOUBLE", '-Infinity'],
  ])('%s, which JSON has no number for', async (expression, text) => {
    expect(await shown(expression)).toEqual({ csv: text, table: text, json: text });
  });

  test('in lists, lists of fixed length and structures too', async () => {
    const { json } = await shown(
      "[{'at': TIMESTAMP '2026-01-02 03:04:05.678901', 'n': [1, NULL]::INT[2], 'd': DATE 'infinity'}]",
    );
    expect(json).toEqual([{ at: '2026-01-02T03:04:05.678901Z', n: [1, null], d: 'infinity' }]);
  });
});

test('columns of a table are as wide as the first 10,000 rows need, and no later row is lost', () => {
  const text = inFormat(tableFormat(['n', 't']), [
    ...Array.from({ length: 10_000 }, (_, n) => [n, 'ab']),
    [123_456_789, 'abcd'],
    [null, null],
  ]);
  expect(text.split('\n').slice(0, 3)).toEqual(['   n  t', '----  --', '   0  ab']);
  expect(text.split('\n').slice(-4)).toEqual(['9999  ab', '123456789  abcd', '', '']);
});

test.each(['short', 'longer than the twelve bytes that DuckDB keeps in place'])(
  'a text keeps a byte order mark: %s',
  async (text) => {
    const { csv, json } = await shown(`chr(65279) || '${text}'`);
    expect({ csv, json }).toEqual({ csv: `"\ufeff${text}"`, json: `\ufeff${text}` });
  },
);
