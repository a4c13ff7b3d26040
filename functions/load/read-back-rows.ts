import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import type { Table } from '../../schemas/table.ts';
import type { Engine, ReadBackRow } from '../ports.ts';

/**
 * Reads keys and timestamps of an account's rows from a table.
 * @param database the safe database
 * @throws SqlError if the table does not exist; whatever else the engine throws
 */
export async function readBackRows(
  engine: Engine,
  table: Table,
  account: string,
  database: string,
): Promise<readonly ReadBackRow[]> {
  const columns = [...table.key, '_part_on', '_first_seen_at', '_deleted_at', '_seq'];
  const from = `${quoteName(database)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)}`;
  const { rows } = await engine.query(`SELECT ${columns.map(quoteName).join(', ')} FROM ${from}`);
  return rows.map((row) => {
    const [partOn, firstSeenAt, deletedAt, seq] = row.slice(table.key.length);
    return {
      key: row.slice(0, table.key.length).map(String),
      partOn: String(partOn),
      firstSeenAt: msOf(firstSeenAt) ?? 0,
      deletedAt: msOf(deletedAt),
      seq: Number(seq),
    };
  });
}

function msOf(value: unknown): number | undefined {
  return value instanceof Date ? value.getTime() : undefined;
}
