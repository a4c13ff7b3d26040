import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type ErasePorts, eraseRecords } from '../../../functions/erase/erase-records.ts';
import type { Selector } from '../../../functions/erase/selector.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { hyparquetWriter } from '../../../functions/parquet/hyparquet.ts';
import type { Store } from '../../../functions/ports.ts';
import { findSource } from '../../../functions/source/registry.ts';
import { fsStore } from '../../../local/lake/fs-store.ts';
import { duckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { DATABASES } from '../../../schemas/derive/databases.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { HASH_KEY, makeHome } from '../../helpers/home.ts';
import { type Kill, Killed, killingStore } from '../../helpers/killing-store.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const openEngine = (folder: string) =>
  duckdbEngine({
    path: join(folder, 'warehouse.duckdb'),
    pathOf: (key) => join(folder, 'lake', key),
    views: { timeZone: 'UTC' },
    sleep: async () => {},
  });

/** Erases records of a source from the home in a folder. @returns the effects on its lake and its warehouse */
async function eraseIn(folder: string, source: string, selector: Selector, kill?: Kill): Promise<readonly string[]> {
  const { store, effects, effect } = killingStore(fsStore(join(folder, 'lake')), kill);
  const engine = openEngine(folder);
  const execute: typeof engine.execute = (sql, token) => effect('statement', () => engine.execute(sql, token));
  try {
    const request = { selector, accounts: { [source]: ['default'] }, sources: [await findSource(source)] };
    await eraseRecords(request, portsOf(store, { ...engine, execute }));
  } catch (error) {
    if (!(error instanceof Killed)) throw error;
  } finally {
    await engine.close();
  }
  return effects;
}

function portsOf(store: Store, engine: ErasePorts['engine']): ErasePorts {
  return {
    ...nodePorts,
    store,
    engine,
    databases: DATABASES,
    parquet: hyparquetWriter(),
    hashKey: async () => HASH_KEY,
    erasureKey: async () => 'e'.repeat(64),
    log: () => {},
    now: Date.now,
    random: Math.random,
    // Each attempt is a process of its own, and those before it are gone.
    process: { host: 'test', pid: 1, born: String(Math.random()), isGone: () => true },
  };
}

/** Rows of a query over the warehouse in a folder. */
async function ask(folder: string, sql: string) {
  const engine = openEngine(folder);
  const { rows } = await engine.query(sql);
  await engine.close();
  return rows;
}

const KISMET_TABLES = {
  kismet_calls: ['id', 'id'],
  kismet_call_participants: ['call_id', 'call_id, participant_type, id'],
  kismet_call_audit_logs: ['call_id', 'id'],
  kismet_call_audit_changes: ['call_id', 'audit_log_id, field'],
} as const;

/** Tables with rows of a call, and those whose sensitive half has rows that `callhouse` does not have. */
async function tablesWith(folder: string, callId: string): Promise<readonly string[]> {
  const texts = Object.entries(KISMET_TABLES).flatMap(([table, [call, key]]) => [
    `SELECT '${table}' WHERE EXISTS (SELECT 1 FROM callhouse.${table} WHERE ${call} = ${callId})`,
    `SELECT 'sensitive ${table}' WHERE EXISTS (SELECT 1 FROM callhouse_phi.${table} ANTI JOIN callhouse.${table} USING (account, ${key}))`,
  ]);
  return (await ask(folder, texts.join(' UNION ALL '))).map(([name]) => String(name));
}

/** What is erased, and where some of it is left. */
interface Case {
  readonly selector: Selector;
  readonly left: (folder: string) => Promise<readonly string[]>;
}

const CASES = {
  solum: async (folder: string): Promise<Case> => {
    const [[id, hash] = []] = await ask(folder, 'SELECT id, customer_number_hash FROM callhouse.solum_calls LIMIT 1');
    return {
      selector: { kind: 'hash', hash: String(hash) },
      left: async (from) => placesWith(await readDataDirectory(from), String(id)),
    };
  },
  kismet: async (folder: string): Promise<Case> => {
    const changes = 'callhouse.kismet_call_audit_changes';
    const [[id] = []] = await ask(folder, `SELECT max(call_id) FROM ${changes}`);
    return {
      selector: { kind: 'call', source: 'kismet', id: String(id) },
      left: (from) => tablesWith(from, String(id)),
    };
  },
};

test.each(['solum', 'kismet'] as const)(
  'an erasure of %s that is killed at any write, deletion or statement is completed by the next one',
  async (source) => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 4, days: 3 });
    const folder = await temporaryFolder();
    const home = makeHome(join(folder, 'home'), { env, sources: [source] });
    for (let run = 0; run < 2; run += 1) {
      expect(await home.run(simulators.now())).toMatchObject({ load: { exitCode: 0 } });
      simulators.advance(26 * 3_600_000);
    }
    const { selector, left } = await CASES[source](join(folder, 'home'));
    const copy = async (name: string) => {
      const to = join(folder, name);
      await cp(join(folder, 'home'), to, { recursive: true });
      return to;
    };
    const whole = await copy('whole');
    expect((await left(whole)).length).toBeGreaterThan(2);
    const { length } = await eraseIn(whole, source, selector);
    expect(length).toBeGreaterThan(6);
    expect(await left(whole)).toEqual([]);
    const kills = Array.from({ length }, (_, n): Kill => ({ effect: n + 1, when: 'before' }));
    for (const kill of [...kills, { effect: length, when: 'after' } as const]) {
      const killed = await copy(`${kill.when}-${kill.effect}`);
      await eraseIn(killed, source, selector, kill);
      await eraseIn(killed, source, selector);
      expect({ kill, left: await left(killed) }).toEqual({ kill, left: [] });
    }
  },
);
