import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { listSources } from '../../../functions/source/registry.ts';
import type { Source, Stream } from '../../../functions/source/source.ts';
import { HOUR_MS } from '../../../functions/time.ts';
import { type Simulators, startSimulators } from '../../../local/simulators/start-simulators.ts';
import { text } from '../../../schemas/column.ts';
import type { Table } from '../../../schemas/table.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { kismetCallParticipants, kismetCalls } from '../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../schemas/tables/solum.ts';
import { zuduCalls } from '../../../schemas/tables/zudu.ts';
import { type Home, makeHome, SOURCES } from '../../helpers/home.ts';
import { makePorts } from '../../helpers/ports.ts';
import { type KnownOfStream, replayWorld, rowsIn, type TableRows } from '../../helpers/replay-world.ts';

/** What the raw copy of a call whose caller opted out does not tell. */
const LOST = /^(from_number_hash|to_number_hash|_caller_hash)=.*$/gm;
const withoutLost = (line: string) =>
  line.includes('\nopt_out_sensitive_data_storage=true\n') ? line.replaceAll(LOST, '$1=null') : line;
/** Staged rows alone tell when a record came back that was removed for a while: until then, its addresses had another signature. */
const withoutReturn = (line: string) =>
  line.replaceAll(/^(_seq|_load_id|_changed_at)=.*$/gm, '').replaceAll(/^(\w+_url=[^?\n]*)\?.*$/gm, '$1');

function map(tables: TableRows, change: (line: string) => string): TableRows {
  return Object.fromEntries(Object.entries(tables).map(([name, lines]) => [name, lines.map(change).sort()]));
}

/** The rows but those that hold the id of a call. */
function without(tables: TableRows, id: string): TableRows {
  return Object.fromEntries(
    Object.entries(tables).map(([name, lines]) => [
      name,
      lines.filter((line) => !line.split('\n').some((cell) => cell.endsWith(`=${id}`))),
    ]),
  );
}

/** Tables that get a column `again`, which reads what another one reads. */
const AGAIN = [
  [kismetCalls, 'state'],
  [kismetCallParticipants, 'name'],
  [solumCalls, 'summary'],
  [zuduCalls, 'transcript'],
] as const;

function withAgain(table: Table): Table {
  const column = AGAIN.find(([one]) => one === table)?.[1];
  if (column === undefined) return table;
  return { ...table, columns: { ...table.columns, again: text({ path: column, doc: 'The same again.' }) } };
}

/** Vendors that were read for four days, with late edits, removals, opt-outs and calls of two clinicians. */
async function livedWorld(folder: string) {
  const simulators = await startSimulators({
    ...{ days: 10, callsPerVendor: 16, users: 2, transcripts: 'short', sharedCalls: 2, seed: 5 },
  });
  const sweeps = Object.fromEntries(SOURCES.map((name) => [name, { sweepEvery: '1h' }]));
  const home = makeHome(folder, { env: simulators.env, settings: { sources: sweeps } });
  for (let day = 0; day < 4; day += 1) {
    if (day > 0) simulators.advance(26 * HOUR_MS);
    for (const source of SOURCES) await home.extract(source, simulators.now());
  }
  await home.load();
  return { simulators, home };
}

/** The source with other tables. */
function withTables({ streams, ...source }: Source, change: (table: Table) => Table): Source {
  const changed = Object.entries(streams).map(([name, stream]) => {
    const [first, ...rest] = stream.tables;
    return [name, { ...stream, tables: [change(first), ...rest.map(change)] }] as [string, Stream];
  });
  return { ...source, streams: Object.fromEntries(changed) };
}

/** Entries without what an opted-out record's hash is made from. */
function comparable({ entries, cursors }: KnownOfStream, isLost: boolean) {
  const own = Object.entries(entries).map(([key, { contentHash, missingSince, missingSinceClock, ...entry }]) => [
    key,
    {
      ...entry,
      ...(isLost && entry.optedOut ? {} : { contentHash }),
      ...(isLost ? {} : { missingSince, missingSinceClock }),
    },
  ]);
  return { entries: Object.fromEntries(own), ...(isLost ? {} : { cursors }) };
}

describe('a replay of all four sources', () => {
  let folder: string;
  let simulators: Simulators;
  let home: Home;
  let world: ReturnType<typeof replayWorld>;
  let sources: readonly Source[];
  let before: TableRows;
  let optedOut = 0;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'callhouse-'));
    ({ simulators, home } = await livedWorld(folder));
    sources = await listSources();
    world = replayWorld(folder, sources);
    before = await world.rows();
  }, 120_000);
  afterAll(async () => {
    await simulators.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('of a lake that lost nothing changes nothing', async () => {
    const removed = Object.values(before)
      .flat()
      .filter((line) => !line.includes('_deleted_at=null'));
    expect(removed.length, 'rows of removed records').toBeGreaterThan(3);
    expect(rowsIn(before, 'safe', zuduCalls).some((row) => row['opt_out_sensitive_data_storage'] === 'true')).toBe(
      true,
    );
    const known = await world.known();
    const result = await world.replay();
    expect(result).toMatchObject({ digests: 0, lostHashes: 0, lostRemovals: 0, exitCode: 0 });
    expect(Object.entries(result.tables).filter(([, { kept }]) => kept > 0)).toEqual([]);
    expect(result.tables['kismet_call_participants']?.rebuilt).toBeGreaterThan(20);
    expect(await world.rows()).toEqual(before);
    expect(await world.known()).toEqual(known);
  });

  test('makes tables and digests again that are lost', async () => {
    const known = await world.known();
    await world.lose('warehouse', 'digests');
    expect(await world.replay()).toMatchObject({ files: 0, lostHashes: 0, lostRemovals: 0, exitCode: 0 });
    expect(await world.rows()).toEqual(before);
    const now = await world.known();
    for (const [name, stream] of Object.entries(known))
      expect(comparable(now[name] ?? stream, true), name).toEqual(comparable(stream, true));
    optedOut = Object.values(known['zudu.calls']?.entries ?? {}).filter(({ optedOut }) => optedOut).length;
    for (const source of SOURCES) {
      const { streams } = await home.extract(source, simulators.now());
      for (const { stream, changed } of streams)
        expect([stream, changed <= (source === 'zudu' ? optedOut : 0)]).toEqual([stream, true]);
    }
    await home.load();
    before = await world.rows();
  });

  test('fills a column that was added to a declaration since, and reads nothing again for it', async () => {
    const added = sources.map((source) => withTables(source, withAgain));
    expect(await world.replay(added)).toMatchObject({ exitCode: 0, lostHashes: 0 });
    const rows = await world.rows(added);
    const filled = (table: Table, column: string) =>
      rowsIn(rows, 'phi', withAgain(table)).map((row) => [row['again'], row[column]]);
    for (const [table, column] of AGAIN) for (const [again, own] of filled(table, column)) expect(again).toBe(own);
    expect(filled(zuduCalls, 'transcript').filter(([again]) => again === 'null').length).toBeGreaterThan(0);
    expect(await world.rows()).toEqual(before);
    simulators.resetRequests();
    for (const source of added) {
      const settings = parseSettings(
        { sources: { [source.name]: { baseUrl: simulators.urls[source.name as 'zudu'] } } },
        'test',
      );
      const ports = makePorts({ store: world.store, env: simulators.env });
      const { streams } = await extractAccount(source, { account: 'default', at: simulators.now(), settings }, ports);
      const out = source.name === 'zudu' ? optedOut : 0;
      for (const { stream, changed } of streams) expect([stream, changed <= out]).toEqual([stream, true]);
    }
    expect(simulators.requests.filter(({ kind }) => kind === 'audit')).toEqual([]);
    await home.load();
    await world.replay();
    before = await world.rows();
  });

  test('makes staged files again that are lost: only hashes of numbers of callers that opted out are lost', async () => {
    const [{ id = '' } = {}] = rowsIn(before, 'safe', solumCalls);
    await world.noteErased('solum', id);
    await world.lose('warehouse', 'staging');
    const { lostHashes, lostRemovals, exitCode } = await world.replay();
    expect({ lostRemovals, exitCode }).toEqual({ lostRemovals: 0, exitCode: 0 });
    expect(lostHashes).toBeGreaterThan(0);
    const present = await world.rows();
    expect(map(present, (line) => withoutReturn(withoutLost(line)))).toEqual(
      map(without(before, id), (line) => withoutReturn(withoutLost(line))),
    );
    const hashes = rowsIn(present, 'safe', zuduCalls).filter((row) => row['opt_out_sensitive_data_storage'] === 'true');
    for (const row of hashes) expect(row).toMatchObject({ from_number_hash: 'null', _caller_hash: 'null' });
    before = present;
  });

  test('keeps and counts the rows whose raw copies have expired, and brings nothing back that is erased', async () => {
    const [{ call_id: id = '' } = {}] = rowsIn(before, 'safe', kalemCalls);
    await world.noteErased('kalem', id);
    await world.lose('raw/solum', 'warehouse');
    const { tables } = await world.replay();
    const count = rowsIn(before, 'safe', solumCalls).length;
    expect(tables).toMatchObject({ solum_calls: { rebuilt: 0, kept: count }, kalem_calls: { kept: 0 } });
    expect(await world.rows()).toEqual(without(before, id));
  });

  test('leaves the warehouse its rows of which neither raw copies nor staged files are left', async () => {
    const held = await world.rows();
    await world.lose('raw/zudu', 'staging/zudu_calls');
    const { tables, exitCode } = await world.replay();
    expect(exitCode).toBe(0);
    expect(tables['zudu_calls']).toEqual({ rebuilt: 0, kept: rowsIn(held, 'safe', zuduCalls).length });
    expect(await world.rows()).toEqual(held);
  });
});
