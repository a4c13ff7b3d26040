import { DATABASES } from '../../schemas/derive/databases.ts';
import { safeKeyConditions } from '../../schemas/derive/shown-sql.ts';
import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { DUCKDB_TYPES } from '../../schemas/derive/sql-types.ts';
import { columnsIn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { DuckdbSession } from './duckdb-session.ts';

/**
 * Brings a warehouse of an earlier version, whose `callhouse` took any text, to the present rules. Texts that may be hidden move to
 * `callhouse_phi`, until the next full scan has judged them; rows with a key that is no id are removed, because that scan stages them
 * again under another key. It can be repeated: a kill in between loses nothing.
 */
export async function hideEarlierTexts(tables: readonly Table[], session: DuckdbSession): Promise<void> {
  for (const table of tables) {
    const held = await columnsOf(DATABASES.safe, table, session);
    if (held.size === 0) continue;
    const [safe, phi] = [DATABASES.safe, DATABASES.phi].map((name) => `${quoteName(name)}.${quoteName(table.name)}`);
    const moved = columnsIn(table, 'phi').filter(({ name, placement }) => placement !== 'both' && held.has(name));
    const shown = moved.filter(({ placement }) => placement === 'shown');
    for (const { name, type } of moved)
      await session.run(`ALTER TABLE ${phi} ADD COLUMN IF NOT EXISTS ${quoteName(name)} ${DUCKDB_TYPES[type]}`);
    await session.atomically(async () => {
      const isSame = ['account', ...table.key].map((name) => `p.${quoteName(name)} = s.${quoteName(name)}`);
      const copied = moved.map(
        ({ name }) => `${quoteName(name)} = coalesce(p.${quoteName(name)}, s.${quoteName(name)})`,
      );
      if (moved.length > 0)
        await session.run(`UPDATE ${phi} p SET ${copied.join(', ')} FROM ${safe} s WHERE ${isSame.join(' AND ')}`);
      if (shown.length > 0)
        await session.run(`UPDATE ${safe} SET ${shown.map(({ name }) => `${quoteName(name)} = NULL`).join(', ')}`);
      const keys = safeKeyConditions(table, 't');
      if (keys.length === 0) return;
      for (const half of [phi, safe]) await session.run(`DELETE FROM ${half} t WHERE NOT (${keys.join(' AND ')})`);
    });
  }
}

async function columnsOf(database: string, { name }: Table, { run }: DuckdbSession): Promise<ReadonlySet<string>> {
  const sql = `SELECT column_name FROM duckdb_columns() WHERE schema_name = ${quoteText(database)} AND table_name = ${quoteText(name)}`;
  return new Set((await (await run(sql)).getRows()).flat().map(String));
}
