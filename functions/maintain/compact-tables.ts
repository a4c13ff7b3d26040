import { BOOKKEEPING_TABLES } from '../../schemas/bookkeeping.ts';
import { quoteText } from '../../schemas/derive/sql-text.ts';
import { OutOfTimeError } from '../errors.ts';
import { databasesIn, type MaintainPlan, type MaintainPorts } from './plan.ts';

/** Tables at once: Athena has places for more, but readers want some. */
const LANES = 4;
/** No table is begun with less left. */
const LAST_TABLE_MS = 120_000;

/** Statements that keep one table in order. */
interface Upkeep {
  readonly table: string;
  readonly statements: readonly string[];
}

/**
 * Puts small files of the tables together and drops old snapshots, and with them the bytes of erased rows. DuckDB needs neither.
 * @throws OutOfTimeError when tables are left over
 */
export async function compactTables(plan: MaintainPlan, { engine, log, remainingMs }: MaintainPorts): Promise<number> {
  if (engine.dialect !== 'athena') return 0;
  const waiting = [...upkeepOf(plan)];
  let done = 0;
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (remainingMs() < LAST_TABLE_MS)
        throw new OutOfTimeError('tables are left to compact; the next maintenance does them');
      for (const sql of next.statements) await engine.execute(sql);
      log('info', 'compacted', { table: next.table });
      done += 1;
    }
  };
  const ended = await Promise.allSettled(Array.from({ length: LANES }, lane));
  const failed = ended.find((result) => result.status === 'rejected');
  if (failed) throw failed.reason;
  return done;
}

/** OPTIMIZE by account, which is a partition, then VACUUM; names unquoted, since Athena takes no quotes there. */
export function* upkeepOf(plan: MaintainPlan): Generator<Upkeep> {
  const { safe, phi } = databasesIn(plan);
  const seen = new Set<string>();
  for (const { source, tables } of plan.streams) {
    const accounts = plan.accounts[source] ?? [];
    for (const { name } of accounts.length > 0 ? tables : []) {
      for (const table of [`${phi}.${name}`, `${safe}.${name}`]) {
        if (seen.has(table)) continue;
        seen.add(table);
        const where = accounts.map((account) => ` WHERE account = ${quoteText(account)}`);
        yield { table, statements: statementsFor(table, where) };
      }
    }
  }
  for (const { name } of BOOKKEEPING_TABLES)
    yield { table: `${safe}.${name}`, statements: statementsFor(`${safe}.${name}`, ['']) };
}

function statementsFor(table: string, where: readonly string[]): readonly string[] {
  return [...where.map((only) => `OPTIMIZE ${table} REWRITE DATA USING BIN_PACK${only}`), `VACUUM ${table}`];
}
