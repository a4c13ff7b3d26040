import { beforeAll, describe, expect, test } from 'vitest';
import type { DuckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { DUCKDB } from '../../helpers/extreme-rows.ts';
import { sharedWarehouse } from '../../helpers/shared-warehouse.ts';
import { insertRow } from '../../helpers/view-warehouse.ts';

let engine: DuckdbEngine;
beforeAll(async () => {
  const { engine: opened, close } = await sharedWarehouse({ timeZone: 'UTC' });
  engine = opened;
  await engine.execute(
    `INSERT INTO callhouse.loads BY NAME (SELECT 'r' AS load_id, 'solum' AS source, 'any' AS account, 'calls' AS stream, 'ok' AS status, TIMESTAMP '2026-03-20 12:00:00' AS window_to,
      0 AS requests, 0 AS records, 0 AS changed, 0 AS unchanged, 0 AS deleted, 0 AS rejected, TIMESTAMP '2026-03-20' AS started_at, TIMESTAMP '2026-03-20' AS ended_at)`,
  );
  return close;
});

/** A status, with a category after a colon; `-` for none, and `gone` for a removal. */
type Seen = string;
const OPEN = 'follow_up_needed';
let made = 0;

/** Versions of a call, of which one is seen at noon of each day from 2026-03-10 on. @returns the call's id */
async function seen(...versions: readonly Seen[]): Promise<string> {
  made += 1;
  const call = `call${made}`;
  const rows = versions.map((version, n) => {
    const [status = '-', category = '-'] = version === 'gone' ? [] : version.split(':');
    const text = (value: string) => (value === '-' ? 'NULL' : `'${value}'`);
    return `('solum', 'default', '${call}', ${n * 3 + 1}, TIMESTAMP '2026-03-${10 + n} 12:00:00', ${text(status)}, ${text(category)}, ${version === 'gone'})`;
  });
  if (rows.length > 0) await engine.execute(`INSERT INTO callhouse.call_versions VALUES ${rows.join(', ')}`);
  return call;
}

const dayOf = (value: unknown) => (value instanceof Date ? value.getUTCDate() : value);

describe('call_status_history', () => {
  test.each([
    ['one version', [OPEN], [[1, OPEN, null, false, 10, null, true, true, 1]]],
    [
      'a status that changes',
      ['pending', OPEN, 'done'],
      [
        [1, 'pending', null, false, 10, 11, false, true, 1],
        [2, OPEN, null, false, 11, 12, false, false, 1],
        [3, 'done', null, false, 12, null, true, false, 1],
      ],
    ],
    [
      'a category that changes begins no stretch, and the last one counts, also if it is none',
      ['pending:billing', 'pending:miscellaneous', 'pending', 'done:billing'],
      [
        [1, 'pending', null, false, 10, 13, false, true, 3],
        [2, 'done', 'billing', false, 13, null, true, false, 1],
      ],
    ],
    [
      'a call that comes back',
      [OPEN, 'gone', OPEN],
      [
        [1, OPEN, null, false, 10, 11, false, true, 1],
        [2, null, null, true, 11, 12, false, false, 1],
        [3, OPEN, null, false, 12, null, true, false, 1],
      ],
    ],
    [
      'a call without a status, and its removal',
      ['-', '-', 'gone'],
      [
        [1, null, null, false, 10, 12, false, true, 2],
        [2, null, null, true, 12, null, true, false, 1],
      ],
    ],
  ])('has %s', async (_, versions, expected) => {
    const call = await seen(...versions);
    const { rows } = await engine.query(
      `SELECT stretch, status, category, is_removed, valid_from, valid_to, is_current, is_first_seen, versions FROM callhouse.call_status_history WHERE call_id = '${call}' ORDER BY stretch`,
    );
    expect(rows.map((row) => row.map((value) => (typeof value === 'bigint' ? Number(value) : dayOf(value))))).toEqual(
      expected,
    );
  });

  test('numbers stretches that one run saw', async () => {
    const call = await seen('pending', OPEN, 'pending');
    await engine.execute(
      `UPDATE callhouse.call_versions SET seen_at = TIMESTAMP '2026-03-10 12:00:00' WHERE call_id = '${call}'`,
    );
    const { rows } = await engine.query(
      `SELECT stretch, status, is_current FROM callhouse.call_status_history WHERE call_id = '${call}' ORDER BY stretch`,
    );
    expect(rows.map(([stretch, ...rest]) => [Number(stretch), ...rest])).toEqual([
      [1, 'pending', false],
      [2, OPEN, false],
      [3, 'pending', true],
    ]);
  });
});

/** `since`, its basis and the age of a call that ended at noon of 2026-03-09. */
async function sinceOf(call: string, row: Readonly<Record<string, string>> = {}) {
  await insertRow(engine, solumCalls, {
    ...{ id: `'${call}'`, status: `'${OPEN}'` },
    ...{ started_at: "TIMESTAMP '2026-03-09 11:00:00'", ended_at: "TIMESTAMP '2026-03-09 12:00:00'", ...row },
  });
  const { rows } = await engine.query(
    `SELECT since, since_basis, age_days, is_overdue FROM callhouse.follow_ups WHERE call_id = '${call}'`,
  );
  return rows[0]?.map(dayOf);
}

describe('follow_ups.since', () => {
  test.each([
    [
      'the end of the call, if it was so when it was first met',
      [OPEN, `${OPEN}:billing`],
      [9, 'end_of_call', 11, true],
    ],
    ['the run that saw the status change', ['pending', 'pending', OPEN, `${OPEN}:billing`], [12, 'seen', 8, true]],
    ['the last change, if there were several', [OPEN, 'done', OPEN], [12, 'seen', 8, true]],
    [
      'what it was before the vendor removed the call for a while',
      ['pending', OPEN, 'gone', OPEN],
      [11, 'seen', 9, true],
    ],
    ['the end of the call, if it only was removed for a while', [OPEN, 'gone', OPEN], [9, 'end_of_call', 11, true]],
    ['the end of the call, if the status before is not known', ['-', OPEN], [9, 'end_of_call', 11, true]],
    ['the end of the call, if the last version is missing', [OPEN, 'pending'], [9, 'end_of_call', 11, true]],
    ['the end of the call, if no version is there', [], [9, 'end_of_call', 11, true]],
  ])('is %s', async (_, versions, expected) => {
    expect(await sinceOf(await seen(...versions))).toEqual(expected);
  });

  test('is known of a call without a start, if the change was seen', async () => {
    const nothing = { started_at: 'NULL', ended_at: 'NULL' };
    expect(await sinceOf(await seen('pending', OPEN), nothing)).toEqual([11, 'seen', 9, true]);
    expect(await sinceOf(await seen(OPEN), nothing)).toEqual([null, null, null, null]);
  });

  test.each(DUCKDB.instants)('can be read if a run says that it saw the change at %s', async (instant) => {
    const call = await seen('pending', OPEN);
    await engine.execute(
      `UPDATE callhouse.call_versions SET seen_at = ${instant} WHERE call_id = '${call}' AND seq > 1`,
    );
    expect(await sinceOf(call)).toMatchObject([expect.anything(), 'seen', expect.any(Number), expect.any(Boolean)]);
  });

  test('is not overdue within the target', async () => {
    const [since, , age, isOverdue] = (await sinceOf(await seen(...Array(7).fill('pending'), OPEN))) ?? [];
    expect([since, age, isOverdue]).toEqual([17, 3, false]);
  });
});
