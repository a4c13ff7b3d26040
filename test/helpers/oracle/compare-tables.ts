import type { Canonical } from './canonical.ts';
import type { ExpectedRow, ExpectedTable } from './expected-row.ts';
import type { ActualHalf, ActualTable } from './read-warehouse.ts';
import { TABLE_SHAPES, type TableShape } from './table-shapes.ts';

/** Differences that are not faults. */
export interface CompareOptions {
  /** Rows removed after this instant may not be marked deleted yet, because two scans must miss them first. */
  readonly settledBefore?: Date;
  /** Rows that may be missing, e.g. those only a run that was killed has seen. @default none */
  readonly mayBeMissing?: (table: string, row: ExpectedRow) => boolean;
  /** @default 20 */
  readonly most?: number;
}

const SHOWN_CHARACTERS = 120;

/** Describes each difference; an empty list means that the warehouse is correct. */
export function compareTables(
  expected: ReadonlyMap<string, ExpectedTable>,
  actual: ReadonlyMap<string, ActualTable>,
  options: CompareOptions = {},
): string[] {
  const found = [...expected].flatMap(([name, rows]) => {
    const table = actual.get(name);
    return table === undefined ? [`${name}: the table is missing`] : [...compareTable(name, rows, table, options)];
  });
  const { most = 20 } = options;
  return found.length <= most ? found : [...found.slice(0, most), `… and ${found.length - most} more differences`];
}

function* compareTable(
  name: string,
  expected: ExpectedTable,
  actual: ActualTable,
  options: CompareOptions,
): Generator<string> {
  yield* actual.problems;
  yield* compareColumns(name, actual);
  const shape: TableShape | undefined = Object.entries(TABLE_SHAPES).find(([table]) => table === name)?.[1];
  for (const [key, row] of expected) {
    const safe = actual.safe.get(key);
    const phi = actual.phi.get(key);
    if (safe === undefined && phi === undefined && options.mayBeMissing?.(name, row)) continue;
    yield* compareHalf(`callhouse.${name} ${key}`, row.safe, row, safe, options, shape);
    yield* compareHalf(`callhouse_phi.${name} ${key}`, row.phi, row, phi, options, shape);
  }
  for (const [schema, rows] of [['callhouse', actual.safe] as const, ['callhouse_phi', actual.phi] as const]) {
    for (const key of rows.keys()) {
      if (!expected.has(key)) yield `${schema}.${name} ${key}: a row the vendor never showed`;
    }
  }
}

/** An extra column in `callhouse` may be a leak, and a missing column is a loss. */
function* compareColumns(name: string, { safeColumns, phiColumns }: ActualTable): Generator<string> {
  const shape: TableShape | undefined = Object.entries(TABLE_SHAPES).find(([table]) => table === name)?.[1];
  if (shape === undefined || safeColumns.length === 0) return;
  const safe = new Set(['account']);
  const phi = new Set(['account', '_extra', ...shape.key]);
  for (const [column, { phi: isPhi, hash, shown }] of Object.entries(shape.columns)) {
    (isPhi ? phi : safe).add(column);
    if (shown) for (const half of [phi, safe]) half.add(column);
    if (hash !== undefined) safe.add(`${column}_hash`);
  }
  for (const column of safe) if (!safeColumns.includes(column)) yield `callhouse.${name}: column ${column} is missing`;
  for (const column of phi)
    if (!phiColumns.includes(column)) yield `callhouse_phi.${name}: column ${column} is missing`;
  for (const column of safeColumns) {
    const isBookkeeping = column.startsWith('_') && column !== '_extra';
    if (!safe.has(column) && !isBookkeeping) yield `callhouse.${name}: column ${column} should not be there`;
  }
}

function* compareHalf(
  place: string,
  values: Readonly<Record<string, Canonical>>,
  row: ExpectedRow,
  actual: ActualHalf | undefined,
  { settledBefore }: CompareOptions,
  shape: TableShape | undefined,
): Generator<string> {
  if (actual === undefined) {
    yield `${place}: the row is missing`;
    return;
  }
  for (const [column, value] of Object.entries(values)) {
    if (!(column in actual.values)) continue;
    const isUrl = shape?.columns[column]?.kind === 'url';
    const [wanted, got] = [value, actual.values[column] ?? null].map((text) => (isUrl ? withoutQuery(text) : text));
    const isHidden = got === null && row.mayBeHidden.has(column) && (row.optedOut || place.startsWith('callhouse.'));
    if (wanted !== got && !isHidden) yield `${place}: ${column} is ${show(got)}, expected ${show(wanted)}`;
  }
  const isUnsettled = row.removedAt !== undefined && settledBefore !== undefined && row.removedAt > settledBefore;
  if (actual.live !== row.live && !isUnsettled) {
    yield `${place}: the row is ${actual.live ? 'live' : 'marked deleted'}, expected ${row.live ? 'live' : 'marked deleted'}`;
  }
}

/** A signed URL has a different query string at each read. */
function withoutQuery(text: Canonical | undefined): Canonical {
  return text?.split('?')[0] ?? null;
}

function show(text: Canonical | undefined): string {
  if (text === null || text === undefined) return 'null';
  const written = JSON.stringify(text);
  return written.length <= SHOWN_CHARACTERS ? written : `${written.slice(0, SHOWN_CHARACTERS)}… (${text.length} chars)`;
}
