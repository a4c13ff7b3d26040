import { quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { columnsIn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Source } from '../source/source.ts';
import type { FindPorts } from './find-records.ts';
import type { Selector } from './selector.ts';

/**
 * Counts rows of `callhouse_phi` that have the erased number or id in some text, such as a transcript of another call. An engine that
 * keeps a history of its statements is not asked: the number would stand in it.
 * @returns undefined if nobody looked
 */
export async function countMentions(
  selector: Selector,
  owners: readonly { readonly source: Source; readonly account: string }[],
  { engine, databases }: FindPorts,
): Promise<number | undefined> {
  if (engine.dialect !== 'duckdb' || selector.kind === 'call' || selector.kind === 'hash') return undefined;
  let rows = 0;
  for (const { source, account } of owners) {
    for (const table of Object.values(source.streams).flatMap(({ tables }) => tables)) {
      const test = textColumns(table).map((name) => `contains(${quoteName(name)}, ${quoteText(selector.text)})`);
      if (test.length === 0) continue;
      const { rows: counted } = await engine.query(
        `SELECT count(*) FROM ${quoteName(databases.phi)}.${quoteName(table.name)} WHERE "account" = ${quoteText(account)} AND (${test.join(' OR ')})`,
      );
      rows += Number(counted[0]?.[0] ?? 0);
    }
  }
  return rows;
}

function textColumns(table: Table): readonly string[] {
  const texts = columnsIn(table, 'phi').filter(({ type }) => type === 'text' || type === 'json');
  return texts.map(({ name }) => name).filter((name) => name !== 'account' && name !== '_load_id');
}
