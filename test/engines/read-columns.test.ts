import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { readQuestions } from '../../functions/questions.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import { viewsFor } from '../../schemas/views/views.ts';
import { TABLES } from '../helpers/view-warehouse.ts';
import { askFiles, bytesOf, namedColumns, scansOf, writeFiles } from './read-columns.ts';
import { usualRows } from './two-worlds.ts';

const SETTINGS: ViewSettings = { timeZone: 'America/New_York', openingHours: { mon: ['08:00-12:00'] } };
/** Address of a Trino. */
const TRINO = process.env['CALLHOUSE_TRINO'] ?? '';
/** Where a condition is on a column, Trino also reads the index of its pages. */
const INDEX_BYTES = 4096;
/** The longest that filling may take. */
const FILL_MS = 300_000;

const views = viewsFor(TABLES, SETTINGS);

/**
 * What a question costs on Athena, which bills the bytes that it reads, by the plans and the bytes of a Trino, whose address is in
 * `CALLHOUSE_TRINO`; see README.md here.
 */
describe.runIf(TRINO !== '')('Trino reads from files', { timeout: 120_000 }, () => {
  beforeAll(async () => {
    const folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
    const duckdb = await usualRows(folder, SETTINGS);
    await writeFiles(TRINO, duckdb, TABLES, views);
    await duckdb.close();
    await rm(folder, { recursive: true, force: true });
  }, FILL_MS);

  test.each(readQuestions())('for question $name only columns that it names, and no more bytes', async ({ sql }) => {
    const [scans, named] = [await scansOf(TRINO, sql), await namedColumns(TRINO, sql, views)];
    const others = scans.flatMap(({ table, columns }) =>
      columns.flatMap((column) => (named.get(table)?.has(column) ? [] : [`${table}.${column}`])),
    );
    expect(others).toEqual([]);
    let most = 0;
    for (const scan of scans) most += INDEX_BYTES + (await bytesOf(TRINO, scan));
    const { bytes } = await askFiles(TRINO, sql);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThanOrEqual(most);
  });
});
