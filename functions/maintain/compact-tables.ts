import * as z from 'zod';
import { quoteText } from '../../schemas/derive/sql-text.ts';
import { OutOfTimeError, UnfinishedError } from '../errors.ts';
import { parseStored, storedJson, UPKEEP_KEY } from '../lake/objects.ts';
import { runInLanes } from '../load/lanes.ts';
import type { LoadPlan } from '../load/plan.ts';
import type { Store } from '../ports.ts';
import { type MaintainPorts, orReport, type ReportError } from './plan.ts';
import { tablesToMaintain } from './tables-to-maintain.ts';

/** No table is begun with less time left. */
const LAST_TABLE_MS = 120_000;
/** Content of `UPKEEP_KEY`: when each table was last compacted, ms. */
const upkeepSchema = z.record(z.string(), z.number());

/** Statements that maintain one table. */
interface Upkeep {
  readonly table: string;
  readonly statements: readonly string[];
}

/**
 * Merges small files of the tables and drops old snapshots, and with them the bytes of erased rows. DuckDB needs neither. The table that
 * was compacted least recently goes first, so that what time cuts off is done the next night. A table that fails leaves the others.
 * @returns the number of tables compacted
 * @see {@link https://docs.aws.amazon.com/athena/latest/ug/querying-iceberg-data-optimization.html}
 */
export async function compactTables(
  plan: LoadPlan,
  at: Date,
  ports: MaintainPorts,
  report: ReportError,
): Promise<number> {
  const { engine, store, log, remainingMs } = ports;
  if (engine.dialect !== 'athena') return 0;
  const compacted = await readUpkeep(store);
  let done = 0;
  const step = async ({ table, statements }: Upkeep) => {
    await orReport(report, async () => {
      for (const sql of statements) await runUpkeep(sql, table, ports);
      compacted[table] = at.getTime();
      await store.put(UPKEEP_KEY, storedJson(compacted), { replace: true });
      log('info', 'compacted', { table });
      done += 1;
    });
    return undefined;
  };
  const turns = upkeepOf(plan).map((one) => ({ ...one, since: compacted[one.table], changes: [one.table] }));
  const left = await runInLanes(turns, engine.statementsAtOnce ?? 1, step, () => remainingMs() < LAST_TABLE_MS);
  if (left.length > 0)
    report(
      new OutOfTimeError(
        `the time of this run is used up before ${left.length} tables were compacted; the next maintenance begins with them`,
      ),
    );
  return done;
}

/** Runs one statement. What it leaves to a further run waits for the next night, as others wait for this one. */
async function runUpkeep(sql: string, table: string, { engine, log }: MaintainPorts): Promise<void> {
  try {
    await engine.execute(sql);
  } catch (error) {
    if (!(error instanceof UnfinishedError)) throw error;
    log('info', 'compacted in part; the next maintenance continues', { table });
  }
}

/**
 * OPTIMIZE for each account (a partition), then VACUUM. Names are not quoted, because Athena accepts no quotes in these
 * statements.
 */
export function upkeepOf(plan: LoadPlan): readonly Upkeep[] {
  return tablesToMaintain(plan).map(({ database, name, accounts }) => {
    const table = `${database}.${name}`;
    const where = accounts.length > 0 ? accounts.map((account) => ` WHERE account = ${quoteText(account)}`) : [''];
    const optimize = where.map((only) => `OPTIMIZE ${table} REWRITE DATA USING BIN_PACK${only}`);
    return { table, statements: [...optimize, `VACUUM ${table}`] };
  });
}

/** If the notes are damaged, every table counts as never compacted. */
async function readUpkeep(store: Store): Promise<Record<string, number>> {
  const body = await store.get(UPKEEP_KEY);
  return { ...upkeepSchema.safeParse(body && parseStored(body)).data };
}
