import { databasesOf } from '../../schemas/derive/databases.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { SqlError } from '../errors.ts';
import type { Engine, Ports, QueryResult, RecalledRow } from '../ports.ts';

/** Reads keys and marks of an account's rows from the safe table. */
export function recallFrom(engine: Engine, databasePrefix?: string): NonNullable<Ports['recall']> {
  const { safe } = databasesOf(databasePrefix);
  return async (table, account) => {
    const columns = [...table.key, '_part_on', '_first_seen_at', '_deleted_at', '_seq'];
    const from = `${quoteName(safe)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)}`;
    const rows = await rowsOf(engine, `SELECT ${columns.map(quoteName).join(', ')} FROM ${from}`);
    return rows?.map((row): RecalledRow => {
      const [partOn, firstSeenAt, deletedAt, seq] = row.slice(table.key.length);
      return {
        key: row.slice(0, table.key.length).map(String),
        partOn: String(partOn),
        firstSeenAt: millis(firstSeenAt) ?? 0,
        deletedAt: millis(deletedAt),
        seq: Number(seq),
      };
    });
  };
}

/** @returns undefined where there is no such table yet; any other failure must stop the run, or it would start from nothing */
async function rowsOf(engine: Engine, sql: string): Promise<QueryResult['rows'] | undefined> {
  try {
    return (await engine.query(sql)).rows;
  } catch (error) {
    if (error instanceof SqlError) return undefined;
    throw error;
  }
}

function millis(value: unknown): number | undefined {
  return value instanceof Date ? value.getTime() : undefined;
}
