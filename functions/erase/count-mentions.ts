import { quoteList, quoteName, quoteText } from '../../schemas/derive/sql-text.ts';
import { columnsIn } from '../../schemas/layout.ts';
import type { Table } from '../../schemas/table.ts';
import type { Source } from '../source/source.ts';
import type { FindPorts } from './find-records.ts';
import { numberOf, numberPattern, type Person } from './person.ts';
import type { Selector } from './selector.ts';

/** The sources of a lake, and their accounts by source. */
interface LakeContent {
  readonly sources: readonly Source[];
  readonly accounts: Readonly<Record<string, readonly string[]>>;
}

/**
 * Counts rows of `callhouse_phi` that have the erased number or id in some text, such as a transcript of another call, or the name of a
 * call of another source. A number counts in any way of writing it. An engine that keeps a history of its statements is not asked, because
 * the history would contain the number.
 * @returns undefined if it was not looked for
 */
export async function countMentions(
  selector: Selector,
  { sources, accounts }: LakeContent,
  { engine, databases }: FindPorts,
): Promise<number | undefined> {
  if (engine.dialect !== 'duckdb' || selector.kind === 'call' || selector.kind === 'hash') return undefined;
  const holds = testFor(selector);
  let rows = 0;
  for (const source of sources) {
    for (const table of Object.values(source.streams).flatMap(({ tables }) => tables)) {
      const tests = textColumns(table).map((name) => holds(quoteName(name)));
      const own = accounts[source.name] ?? [];
      if (tests.length === 0 || own.length === 0) continue;
      const { rows: counted } = await engine.query(
        `SELECT count(*) FROM ${quoteName(databases.phi)}.${quoteName(table.name)} WHERE "account" IN ${quoteList(own)} AND (${tests.join(' OR ')})`,
      );
      rows += Number(counted[0]?.[0] ?? 0);
    }
  }
  return rows;
}

/** The test of a column. @param selector a phone number that is none is searched for as it is */
function testFor(selector: Exclude<Person, { kind: 'hash' }>): (column: string) => string {
  const number = selector.kind === 'phone' ? numberOf(selector.text) : undefined;
  if (number !== undefined) return (column) => `regexp_matches(${column}, ${quoteText(numberPattern(number))})`;
  return (column) => `contains(${column}, ${quoteText(selector.text.trim())})`;
}

function textColumns(table: Table): readonly string[] {
  const texts = columnsIn(table, 'phi').filter(({ type }) => type === 'text' || type === 'json');
  return texts.map(({ name }) => name).filter((name) => name !== 'account' && name !== '_load_id');
}
