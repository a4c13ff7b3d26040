import type { CallsMapping, Table } from '../table.ts';
import { MAPPED, type MappedColumn } from '../views/calls-columns.ts';
import { code, markdownTable } from './markdown.ts';

/** Columns that identify a call, which each vendor gives. */
const GIVEN: readonly MappedColumn[] = ['call_id', 'started_at'];

/** Which columns of `calls` each vendor fills, by the mappings of the tables; undefined if no table holds calls. */
export function vendorColumns(tables: readonly Table[]): string | undefined {
  const mapped = tables.flatMap(({ source, calls }) => (calls ? [{ source, calls }] : []));
  if (mapped.length === 0) return undefined;
  const names = (Object.keys(MAPPED) as MappedColumn[]).filter(
    (name) => !GIVEN.includes(name) && !name.endsWith('_basis'),
  );
  return markdownTable(
    ['column of `calls`', ...mapped.map(({ source }) => source)],
    names.map((name) => [code(name), ...mapped.map(({ calls }) => cellOf(name, calls))]),
  );
}

function cellOf(name: MappedColumn, calls: CallsMapping): string {
  const constant = textOf(calls[name]);
  if (constant !== undefined) return `always ${constant}`;
  if (calls[name] === undefined) return name === 'cost_currency' && calls.cost !== undefined ? 'by a setting' : '–';
  const basis = textOf(calls[`${name}_basis` as MappedColumn]);
  return basis === undefined ? 'yes' : `yes, ${basis}`;
}

/** The text that an expression is, if it is one. */
function textOf(expression: string | undefined): string | undefined {
  return /^'([^']*)'$/.exec(expression ?? '')?.[1];
}
