import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, scriptedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';
import type { ScriptedAnswer } from '../../helpers/scripted-server.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const HOUR_MS = 3_600_000;
const NOT_FOUND: ScriptedAnswer = { status: 404, body: '{ "error": "Not Found" }' };

/** A vendor that gives 4 records a page, whatever is requested, without a total, and refuses pages beyond the last. */
async function world(list: 'calls' | 'audit_logs') {
  const records = Array.from({ length: 10 }, (_, n) => ({
    id: 100 - n,
    created_at: new Date(AT - n * 48 * HOUR_MS - 60_000).toISOString(),
  }));
  const vendor: { refusals: number; refusal: ScriptedAnswer } = { refusals: 0, refusal: NOT_FOUND };
  const { url, requests } = await scriptedKismet(
    [101],
    { 101: [{ id: 1, created_at: '2026-10-01T00:00:00Z' }] },
    ({ path, query }) => {
      if (!path.endsWith(`/${list}`)) return undefined;
      const begin = (Number(query['page']) - 1) * 4;
      const since = records.filter(({ created_at }) => created_at >= (query['from'] ?? ''));
      const shown = since.slice(begin, begin + 4);
      const isRefused = shown.length === 0 || (begin > 0 && vendor.refusals > 0);
      if (isRefused && shown.length > 0) vendor.refusals -= 1;
      return isRefused ? vendor.refusal : { json: { [list]: shown } };
    },
  );
  const store = memoryStore();
  const streams = ['organization_users', 'calls', 'call_audit_logs'];
  const run = async (hours: number) => {
    const before = requests.length;
    const options = { at: new Date(AT + hours * HOUR_MS), url, streams };
    const { exitCode } = await runSource('kismet', options, makePorts({ store, env: KISMET_ENV }));
    const rows = rowsOf(
      await foldSource(store, 'kismet'),
      list === 'calls' ? 'kismet_calls' : 'kismet_call_audit_logs',
    );
    const pages = requests.slice(before).filter(({ path }) => path.endsWith(`/${list}`)).length;
    return { exitCode, pages, known: records.filter(({ id }) => rows.has(String(id))).length };
  };
  const sweepDueAt = async () => {
    const commits = await commitsOf(store, { source: 'kismet', account: 'default', stream: 'calls' });
    return (Number(commits.at(-1)?.state['sweepDueAt']) - AT) / HOUR_MS;
  };
  return { vendor, run, sweepDueAt };
}

describe('a second page that is refused twice, after a first one that is not full', () => {
  test('in a first load is looked for again six hours later, and then every three days', async () => {
    const { vendor, run, sweepDueAt } = await world('calls');
    vendor.refusals = 2;
    expect(await run(0)).toMatchObject({ exitCode: 0, known: 4 });
    expect(await sweepDueAt()).toBe(6);
    expect(await run(6)).toMatchObject({ exitCode: 0, known: 10 });
    expect(await sweepDueAt()).toBe(6 + 72);
  });

  test('in a first load is requested a second time if it is empty once', async () => {
    const { vendor, run, sweepDueAt } = await world('calls');
    Object.assign(vendor, { refusals: 1, refusal: { json: { calls: [] } } });
    expect(await run(0)).toMatchObject({ exitCode: 0, known: 10 });
    expect(await sweepDueAt()).toBe(72);
  });

  test('in a list per record lets the next read begin with the whole list', async () => {
    const { vendor, run } = await world('audit_logs');
    vendor.refusals = 2;
    expect(await run(0)).toMatchObject({ exitCode: 0, known: 4 });
    expect(await run(30 * 24)).toMatchObject({ exitCode: 0, known: 10 });
  });
});

test('a list of one page whose second one is always refused is read to its end in each full scan', async () => {
  const calls = [1, 2, 3].map((id) => ({ id, created_at: '2026-11-01T08:00:00Z' }));
  const { url } = await scriptedKismet([101], { 101: calls }, ({ path, query }) =>
    path.endsWith('/calls') ? (query['page'] === '1' ? { json: { calls } } : NOT_FOUND) : undefined,
  );
  const store = memoryStore();
  const run = async (hours: number) => {
    const options = { at: new Date(AT + hours * HOUR_MS), url, streams: ['organization_users', 'calls'] };
    const { exitCode } = await runSource('kismet', options, makePorts({ store, env: KISMET_ENV }));
    const rows = rowsOf(await foldSource(store, 'kismet'), 'kismet_calls');
    return { exitCode, deleted: [...rows.values()].filter((row) => row['_deleted_at'] !== null).length };
  };
  expect(await run(0)).toEqual({ exitCode: 0, deleted: 0 });
  calls.pop();
  await run(72);
  expect(await run(80)).toEqual({ exitCode: 0, deleted: 1 });
});
