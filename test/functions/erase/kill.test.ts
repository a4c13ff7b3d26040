import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ErasePorts } from '../../../functions/erase/erase-records.ts';
import type { Selector } from '../../../functions/erase/selector.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { eraseIn, openEngine } from '../../helpers/erase-in.ts';
import { makeHome } from '../../helpers/home.ts';
import { type Kill, Killed, killingStore } from '../../helpers/killing-store.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** Erases records of a source from the home in a folder. @returns the effects on its lake and its warehouse */
async function eraseUntil(folder: string, source: string, selector: Selector, kill?: Kill): Promise<readonly string[]> {
  let effects: readonly string[] = [];
  const wrap = ({ store, engine, ...ports }: ErasePorts): ErasePorts => {
    const { effect, ...killing } = killingStore(store, kill);
    effects = killing.effects;
    const execute: typeof engine.execute = (sql, token) => effect('statement', () => engine.execute(sql, token));
    return { ...ports, store: killing.store, engine: { ...engine, execute } };
  };
  await eraseIn(folder, source, [selector], wrap).catch((error: unknown) => {
    if (!(error instanceof Killed)) throw error;
  });
  return effects;
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
    const effects = await eraseUntil(whole, source, selector);
    expect(effects.length).toBeGreaterThan(6);
    expect(await left(whole)).toEqual([]);
    // Of the lake, Solum shows all that Kismet could.
    const kills = effects.flatMap((name, n): Kill[] =>
      source === 'solum' || name === 'statement' ? [{ effect: n + 1, when: 'before' }] : [],
    );
    expect(kills.length).toBeGreaterThan(6);
    for (const kill of [...kills, { effect: effects.length, when: 'after' } as const]) {
      const killed = await copy(`${kill.when}-${kill.effect}`);
      await eraseUntil(killed, source, selector, kill);
      await eraseUntil(killed, source, selector);
      expect({ kill, left: await left(killed) }).toEqual({ kill, left: [] });
    }
  },
);
