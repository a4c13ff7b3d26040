import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { HIDDEN } from '../../lake/commit.ts';
import type { Rejects } from './coerce.ts';
import type { IsShown, ShownTexts } from './shown-texts.ts';

/** What a row's texts are judged with. */
export interface MaskOptions {
  readonly rejects: Rejects;
  readonly texts: ShownTexts;
}

const REASONS = { id: 'no id', code: 'no word of the list', label: 'no short name' } as const;
const KEY_REASON = `${HIDDEN}: no id or word of the list in a key, replaced by its hash`;

/** A text column that `callhouse` may not show. */
interface ShownColumn {
  readonly name: string;
  readonly index: number;
  readonly isShown: IsShown;
  /** The rule for a record that opts out. */
  readonly isKept: (text: string) => boolean;
  /** Undefined where being hidden is the rule. */
  readonly reason: string | undefined;
}

/** Writes into `_hidden` which texts of a row `callhouse` does not show. */
export type Mask = (values: Value[], key: string, optedOut: boolean) => void;

/** Compiles which texts of a table are shown. Of a record that opted out, nothing keeps a text that is not shown. */
export function compileMask(table: Table, references: ReadonlySet<string>, { rejects, texts }: MaskOptions): Mask {
  const at = columnIndex(table);
  const hiddenAt = at('_hidden');
  const columns = layoutOf(table).flatMap(({ name, placement }): ShownColumn[] => {
    const column = table.columns[name];
    const safe = column?.safe;
    if (!safe || placement !== 'shown' || references.has(name)) return [];
    const reason = safe.kind === 'named' ? undefined : `${HIDDEN}: ${REASONS[safe.kind]}`;
    const place = `${table.name}.${name}`;
    return [
      {
        name,
        index: at(name),
        isShown: texts.rule(place, column),
        isKept: texts.ruleOfOptedOut(place, column),
        reason,
      },
    ];
  });
  return (values, key, optedOut) => {
    let hidden = '';
    for (const { name, index, isShown, isKept, reason } of columns) {
      const value = values[index];
      if (typeof value !== 'string' || (optedOut ? isKept(value) : isShown(value, key))) continue;
      hidden += `${name},`;
      if (optedOut) values[index] = null;
      if (reason === undefined) continue;
      rejects.add(table.name, name, reason, false);
      texts.noteHidden(`${table.name}.${name}`);
    }
    values[hiddenAt] = hidden === '' ? '' : `,${hidden}`;
  };
}

/**
 * Replaces parts of keys that do not fit, and references to them, by their hash.
 * @returns the parts of the row's own key as they were served, by column; undefined if all of them fit
 */
export type ReplaceKeys = (values: Value[]) => Readonly<Record<string, string>> | undefined;

/** Compiles which columns of a table hold parts of keys. @param references columns with a part of another table's key */
export function compileReplaceKeys(
  table: Table,
  references: ReadonlySet<string>,
  { rejects, texts }: MaskOptions,
): ReplaceKeys {
  const at = columnIndex(table);
  const parts = [...new Set([...table.key, ...references])]
    .filter((name) => table.columns[name]?.type === 'text')
    .map((name) => ({
      name,
      index: at(name),
      isKey: table.key.includes(name),
      replace: texts.keyPart(table.columns[name]),
    }));
  return (values) => {
    let served: Record<string, string> | undefined;
    for (const { name, index, isKey, replace } of parts) {
      const value = values[index];
      if (typeof value !== 'string') continue;
      const part = replace(value);
      if (part === value) continue;
      values[index] = part;
      rejects.add(table.name, name, KEY_REASON, false);
      texts.noteHidden(`${table.name}.${name}`);
      if (isKey) served = { ...served, [name]: value };
    }
    return served;
  };
}

/** Columns of a child table that hold a part of its record's key. */
export function referencesTo(main: Table, table: Table): ReadonlySet<string> {
  const paths = new Set(main.key.flatMap((name) => (main.columns[name]?.paths ?? []).map((path) => `^${path}`)));
  const isReference = (name: string) => table.columns[name]?.paths.some((path) => paths.has(path)) ?? false;
  return new Set(main === table ? [] : Object.keys(table.columns).filter(isReference));
}

/** Compiles how both halves hold the parts of a table's key, in the order of `table.key`. */
export function heldKeyOf(table: Table, texts: Pick<ShownTexts, 'keyPart'>): (parts: readonly Value[]) => Value[] {
  const replace = table.key.map((name) => texts.keyPart(table.columns[name]));
  return (parts) => parts.map((part, n) => (typeof part === 'string' ? (replace[n]?.(part) ?? part) : part));
}

/** Columns of a table that a record which opts out must not have. Phone numbers are not among them: they are hashed first. */
export function sensitiveContent(table: Table): readonly string[] {
  const isContent = ([, { sensitive, hash }]: [string, Table['columns'][string]]) => sensitive && hash !== 'phone';
  return Object.entries(table.columns)
    .filter(isContent)
    .map(([name]) => name);
}

/** Empties every sensitive column of a completed row, and every hash but those of phone numbers. */
export function dropSensitiveValues(table: Table, values: Value[]): void {
  const dropped = droppedByTable.get(table) ?? droppedColumns(table);
  droppedByTable.set(table, dropped);
  for (const index of dropped) values[index] = null;
}

const droppedByTable = new WeakMap<Table, readonly number[]>();

function droppedColumns(table: Table): readonly number[] {
  return namesToDrop(table).map(columnIndex(table));
}

/** Columns that are empty in a row which opted out: sensitive ones, `_extra`, and hashes of what is no phone number. */
export function namesToDrop(table: Table): readonly string[] {
  const hashes = sensitiveContent(table).filter((name) => table.columns[name]?.hash !== undefined);
  const sensitive = layoutOf(table).filter(
    ({ name, placement }) => placement === 'phi' || table.columns[name]?.sensitive,
  );
  return [...sensitive.map(({ name }) => name), ...hashes.map((name) => `${name}_hash`)];
}
