import { describe, expect, test } from 'vitest';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { text } from '../../../schemas/column.ts';
import capped from '../../fixtures/sources/capped.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import { type DetailedCall, detailsWarehouse, detailsWorld } from '../../helpers/details-world.ts';
import { foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { KISMET_ENV, scriptedKismet } from '../../helpers/kismet.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource } from '../../helpers/run-source.ts';

const FIRST = ['c1', 'c2', 'c3', 'c4'];

/** Details that show the id of their record, or of something else, in a field. */
const detailsWith = (fields: Readonly<Record<string, unknown>>, words: string) => ({
  call: { ...fields, cost: '1.25', transcript: words, turns: [] },
});

describe('details that name the record', () => {
  const callsWith = (idOf: (id: string) => Readonly<Record<string, unknown>>, ids = FIRST): DetailedCall[] =>
    ids.map((id) => ({ id, note: '-', details: detailsWith(idOf(id), `words of ${id}`) }));
  const begin = async (idOf: (id: string) => Readonly<Record<string, unknown>>) => {
    const world = await detailsWorld(postbox, callsWith(idOf), 'call_details');
    expect(await world.run(0)).toMatchObject({ exitCode: 0 });
    world.vendor.calls.unshift(...callsWith(idOf, ['c0']));
    const transcripts = async () => {
      const { load, rowsOf: rowsOfSql } = await detailsWarehouse(postbox, world.store);
      await load();
      return Object.fromEntries(await rowsOfSql('SELECT call_id, transcript FROM callhouse_phi.postbox_call_details'));
    };
    return { ...world, transcripts };
  };

  test.each(['id', 'call_id'])('are not stored under another one, in a field %s', async (field) => {
    const { vendor, run, transcripts } = await begin((id) => ({ [field]: id }));
    vendor.answer = (id) => (id === 'c0' ? { json: detailsWith({ [field]: 'c2' }, 'words of c2') } : undefined);
    const wrong = await run(1);
    expect(wrong).toMatchObject({ exitCode: 4 });
    expect(wrong.error).toMatch(`the answer's ${field} is another id than that of the requested record`);
    expect(wrong.error).not.toContain('c2');
    expect(await transcripts()).toEqual(Object.fromEntries(FIRST.map((id) => [id, `words of ${id}`])));
    vendor.answer = undefined;
    expect(await run(2)).toMatchObject({ exitCode: 0, asked: ['c0'] });
    expect(await transcripts()).toMatchObject({ c0: 'words of c0' });
  });

  test('are requested again at once, so that a passing mistake fails nothing', async () => {
    const { vendor, run, transcripts } = await begin((id) => ({ id }));
    let answers = 0;
    vendor.answer = (id) => {
      answers += 1;
      return answers === 1 && id === 'c0' ? { json: detailsWith({ id: 'c2' }, 'words of c2') } : undefined;
    };
    expect(await run(1)).toMatchObject({ exitCode: 0, asked: ['c0', 'c0'] });
    expect(await transcripts()).toMatchObject({ c0: 'words of c0' });
  });

  test('may be written in other letters, and have an id of their own', async () => {
    for (const idOf of [(id: string) => ({ id: id.toUpperCase() }), (id: string) => ({ id: `t-${id}`, call_id: id })]) {
      const { run, transcripts } = await begin(idOf);
      expect(await run(1)).toMatchObject({ exitCode: 0, asked: ['c0'] });
      expect(await transcripts()).toMatchObject({ c0: 'words of c0' });
    }
  });

  test('may have other ids that are those of records by chance, a few times or in a declared column', async () => {
    const chance = await begin((id) => ({ id: id < 'c3' ? id : `t-${id}` }));
    expect(await chance.run(1)).toMatchObject({ exitCode: 0 });
    const [calls, details] = [postbox.streams['calls'], postbox.streams['call_details']];
    if (calls?.kind !== 'collection' || details?.kind !== 'details') throw new Error('other streams');
    const [table, turns] = [details.tables[0], details.tables[1]];
    const own = { ...table, columns: { ...table.columns, other_id: text({ path: 'id', doc: 'An id.' }) } };
    const declared = {
      ...postbox,
      streams: { calls, call_details: { ...details, tables: [own, ...(turns ? [turns] : [])] as const } },
    };
    const world = await detailsWorld(
      declared,
      callsWith((id) => ({ id })),
      'call_details',
    );
    expect(await world.run(0)).toMatchObject({ exitCode: 0 });
    world.vendor.calls.unshift(...callsWith(() => ({ id: 'c3' }), ['c0']));
    expect(await world.run(1)).toMatchObject({ exitCode: 0, asked: ['c0'] });
  });

  test('are refused as a list too, where each of its records names the call', async () => {
    const notes = (call: string, named = call) => ({ notes: [{ id: `n-${call}`, call_id: named, words: 'w' }] });
    const calls = FIRST.map((id): DetailedCall => ({ id, note: '-', details: notes(id) }));
    const { vendor, run } = await detailsWorld(capped, calls, 'call_notes');
    expect(await run(0)).toMatchObject({ exitCode: 0 });
    vendor.calls.unshift({ id: 'c0', note: '-', details: notes('c2') });
    expect(await run(1)).toMatchObject({ exitCode: 4, details: { changed: 0 } });
  });
});

test('an audit log whose entries name another call than the requested one is not stored as that of the call', async () => {
  const store = memoryStore();
  const calls = [1, 2, 3, 4].map((id) => ({ id, created_at: '2026-11-01T08:00:00Z' }));
  let mistaken = 0;
  const { url } = await scriptedKismet([101], { 101: calls }, ({ path }) => {
    const call = Number(/calls\/(\d+)\/audit_logs$/.exec(path)?.[1] ?? 0);
    if (call === 0) return undefined;
    const shown = call === mistaken ? 1 : call;
    const entry = { id: 100 + call, call_id: shown, event: 'create', created_at: '2026-11-01T08:00:00Z' };
    return { json: { audit_logs: [entry], pagination: { current_page: 1, total_pages: 1, total_count: 1 } } };
  });
  const run = async (at: string) => {
    const streams = ['organization_users', 'calls', 'call_audit_logs'];
    const { exitCode } = await runSource('kismet', { at, url, streams }, makePorts({ store, env: KISMET_ENV }));
    return {
      exitCode,
      entries: [...rowsOf(await foldSource(store, 'kismet'), 'kismet_call_audit_logs').keys()].sort(),
    };
  };
  expect(await run('2026-11-01T09:00:00Z')).toEqual({ exitCode: 0, entries: ['101', '102', '103', '104'] });
  calls.unshift({ id: 5, created_at: '2026-11-01T09:10:00Z' });
  mistaken = 5;
  expect(await run('2026-11-01T09:15:00Z')).toEqual({ exitCode: 4, entries: ['101', '102', '103', '104'] });
  mistaken = 0;
  expect(await run('2026-11-01T09:30:00Z')).toEqual({ exitCode: 0, entries: ['101', '102', '103', '104', '105'] });
});
