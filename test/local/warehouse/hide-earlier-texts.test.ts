import { expect, test } from 'vitest';
import { changeFile, linesIn } from '../../helpers/duckdb-file.ts';
import { closing, filledWarehouse } from '../../helpers/filled-warehouse.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';

/** As the version before had it: no text of `callhouse` was in `callhouse_phi`, and nothing was noted about texts. */
const EARLIER = `
  ALTER TABLE callhouse_phi.sample_calls DROP COLUMN status;
  ALTER TABLE callhouse_phi.sample_calls DROP COLUMN details;
  ALTER TABLE callhouse_staging._warehouse DROP COLUMN hides_texts;
  DELETE FROM callhouse.sample_calls;
`;

/** Rows of both halves, as the version before loaded them. */
function rowOf(id: string, status: string): string {
  const kept = `'default', '${id}', 1, DATE '2026-03-01', TIMESTAMP '2026-03-01', TIMESTAMP '2026-03-01', 1, 'l'`;
  const names = 'account, id, "order", _part_on, _first_seen_at, _changed_at, _seq, _load_id';
  return `
    INSERT INTO callhouse.sample_calls (${names}, status, details, score) VALUES (${kept}, '${status}', '["${status}"]', 7);
    INSERT INTO callhouse_phi.sample_calls (${names}, number) VALUES (${kept}, '+12025550100');
  `;
}

const texts = (path: string, half: string) =>
  linesIn(path, `SELECT id, status, details FROM ${half}.sample_calls ORDER BY id`);

test('a warehouse of an earlier version shows no text that is not judged, loses none, and no key that is no id', async () => {
  const { path, open } = await filledWarehouse();
  await changeFile(path, `${EARLIER} ${rowOf('a', 'Jane Doe')} ${rowOf('b', 'done')} ${rowOf('Max Roe', 'open')}`);
  expect(await texts(path, 'callhouse')).toContain('a|Jane Doe|["Jane Doe"]');
  const engine = open();
  await engine.prepare([sampleCalls]);
  await engine.close();
  expect(await texts(path, 'callhouse')).toEqual(['a|null|null', 'b|null|null']);
  expect(await texts(path, 'callhouse_phi')).toEqual(['a|Jane Doe|["Jane Doe"]', 'b|done|["done"]']);
  expect(await linesIn(path, 'SELECT score FROM callhouse.sample_calls')).toEqual(['7', '7']);
  expect(await linesIn(path, 'SELECT number FROM callhouse_phi.sample_calls')).toEqual([
    '+12025550100',
    '+12025550100',
  ]);
});

test('is brought to the rules once, so that what is judged later stays', async () => {
  const { path, open } = await filledWarehouse();
  const before = await texts(path, 'callhouse');
  const engine = closing(open());
  await engine.prepare([sampleCalls]);
  await engine.close();
  expect(before).toEqual(['a|SECRET|null']);
  expect(await texts(path, 'callhouse')).toEqual(before);
});

test('finishes after a kill between its steps', async () => {
  const { path, open } = await filledWarehouse();
  await changeFile(path, `${EARLIER} ${rowOf('a', 'Jane Doe')}`);
  await changeFile(path, 'ALTER TABLE callhouse_phi.sample_calls ADD COLUMN status VARCHAR');
  for (let n = 0; n < 2; n += 1) {
    const engine = open();
    await engine.prepare([sampleCalls]);
    await engine.close();
    await changeFile(path, 'UPDATE callhouse_staging._warehouse SET hides_texts = false');
  }
  expect(await texts(path, 'callhouse')).toEqual(['a|null|null']);
  expect(await texts(path, 'callhouse_phi')).toEqual(['a|Jane Doe|["Jane Doe"]']);
});
