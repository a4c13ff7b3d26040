import { BOOKKEEPING_TABLES } from '../../schemas/bookkeeping.ts';
import { quoteText } from '../../schemas/derive/sql-text.ts';
import { OutOfTimeError } from '../errors.ts';
import { databasesIn, type MaintainPlan, type MaintainPorts } from './plan.ts';

/** Tables compacted at the same time. Athena's quota would allow more, but readers share it. */
const LANES = 4;
/** No table is begun with less time left. */
const LAST_TABLE_MS = 120_000;

/** Statements that maintain one table. */
interface Upkeep {
  readonly table: string;
  readonly statements: readonly string[];
}

/**
 * Merges small files of the tables and drops old snapshots, and with them the bytes of erased rows. DuckDB needs neither.
 * @returns the number of tables compacted
 * @throws OutOfTimeError if time ran out before all tables were done
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html}
 */
export async function compactTables(plan: MaintainPlan, { engine, log, remainingMs }: MaintainPorts): Promise<number> {
  if (engine.dialect !== 'athena') return 0;
  const waiting = [...upkeepOf(plan)];
  let done = 0;
  const lane = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      if (remainingMs() < LAST_TABLE_MS)
        throw new OutOfTimeError(
          'the time of this run is used up before all tables were compacted; the next maintenance continues',
        );
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

/**
 * OPTIMIZE for each account (a partition), then VACUUM. Names are not quoted, because Athena accepts no quotes in these
 * statements.
 */
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
