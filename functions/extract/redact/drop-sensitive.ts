import type { Column } from '../../../schemas/column.ts';
import { emptiedColumns } from '../../../schemas/derive/emptied.ts';
import { isJsonObject, toJsonText, valueAtPath } from '../../../schemas/json-text.ts';
import { columnIndex } from '../../../schemas/layout.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import { COERCE } from '../rows/coerce.ts';
import { type KnownPaths, knownPaths } from '../rows/column-reader.ts';
import type { ShownTexts } from '../rows/shown-texts.ts';

/** Removes from a parsed record, in place, what its table does not keep of a record that opts out. */
export type DropSensitive = (record: unknown) => void;

/**
 * Compiles what a record that opts out loses: every sensitive column, every text that `callhouse` does not show, every value that its
 * column cannot hold, and everything that no column reads. If a part of its key may not be shown, its hash replaces it, so that the record
 * is found again.
 */
export function compileDropSensitive(tables: readonly [Table, ...Table[]], texts: ShownTexts): DropSensitive {
  const [table, ...others] = tables;
  const children = others.map((child) => ({ child, drop: compileDropSensitive([child], texts) }));
  // Child elements are not kept, unless a column of the record reads their list too.
  const own = { ...table, ignorePaths: [] };
  const known = knownPaths([own], own);
  const names = new Set([...table.key, table.stableKey?.by]);
  const steps = Object.entries(table.columns).map(([name, column]) => {
    if (names.has(name)) return replacer(column, texts.keyPart(column));
    if (column.sensitive)
      return column.type === 'json' ? emptier(column, keptBelow(table, column)) : replacer(column, () => null);
    const isShown = column.safe && texts.ruleOfOptedOut(`${table.name}.${name}`, column);
    return isShown ? replacer(column, (text) => (isShown(text) ? text : null)) : misfitEmptier(column);
  });
  return (record) => {
    if (!isJsonObject(record)) return;
    const emptied = new Set<unknown>();
    for (const { child, drop } of children) {
      for (const element of child.explode?.(record) ?? []) {
        drop(element);
        emptied.add(element);
      }
    }
    dropUnknown(record, known);
    for (const step of steps) step(record, emptied);
  };
}

/** Paths within a sensitive object that other, shown columns read. Those columns decide whether the record keeps their texts. */
function keptBelow({ columns }: Table, { paths }: Column): readonly Path[] {
  const kept = Object.values(columns).filter(({ sensitive, safe }) => !sensitive && safe);
  return kept.flatMap((column) =>
    column.paths.filter((own) => paths.some((path) => own.startsWith(`${path}.`))).map(split),
  );
}

/** Empties what a column reads, except the texts at the given paths. */
function emptier({ paths }: Column, kept: readonly Path[]) {
  return (record: Readonly<Record<string, unknown>>) => {
    for (const path of paths.map(split)) {
      const held = kept.flatMap((own) => {
        const value = valueAtPath(record, own);
        return typeof value === 'string' ? [{ own, value }] : [];
      });
      set(record, path, null);
      for (const { own, value } of held) put(record, own, value);
    }
  };
}

/**
 * Empties a value that is not of the column's type: a text where a number, an instant or a flag is expected, or an object or a list, except
 * a list of children that were emptied.
 */
function misfitEmptier({ paths, type, transform }: Column) {
  const own = paths.map(split);
  const fits = (given: unknown, emptied: ReadonlySet<unknown>) => {
    const isKept = (member: unknown) => emptied.has(member) || (type === 'doubles' && isNumber(member));
    if (Array.isArray(given)) return given.every(isKept);
    if (isJsonObject(given)) return false;
    const value = transform ? attempt(() => transform(given, () => {})) : given;
    return value !== undefined && value !== null && COERCE[type](value, () => {}) !== null;
  };
  return (record: Readonly<Record<string, unknown>>, emptied: ReadonlySet<unknown>) => {
    for (const path of own) {
      if (!fits(valueAtPath(record, path), emptied)) set(record, path, null);
    }
  };
}

function isNumber(value: unknown): boolean {
  return value === null || COERCE.double(value, () => {}) !== null;
}

/** Replaces the text that a column reads. A value whose text stays the same is not touched. */
function replacer({ paths, type, transform }: Column, replace: (text: string) => string | null) {
  const own = paths.map(split);
  return (record: Readonly<Record<string, unknown>>) => {
    for (const path of own) {
      const given = valueAtPath(record, path);
      if (given === undefined || given === null) continue;
      const text = textOf(transform ? attempt(() => transform(given)) : given, type);
      const replaced = text === null ? null : replace(text);
      if (replaced !== text || text === null) set(record, path, replaced);
    }
  };
}

/** The text that a column has of the value; null if it has none. */
function textOf(value: unknown, type: Column['type']): string | null {
  if (value === null || value === undefined) return null;
  const text = type === 'json' ? attempt(() => toJsonText(value)) : COERCE.text(value, () => {});
  return typeof text === 'string' ? text : null;
}

function attempt(work: () => unknown): unknown {
  try {
    return work();
  } catch {
    return undefined;
  }
}

function dropUnknown(record: Readonly<Record<string, unknown>>, known: KnownPaths): void {
  for (const key of Object.keys(record)) {
    const below = known.get(key);
    if (below === true) continue;
    const value = record[key];
    if (below !== undefined && isJsonObject(value)) dropUnknown(value, below);
    else Reflect.deleteProperty(record, key);
  }
}

function set(record: Readonly<Record<string, unknown>>, [name, ...rest]: Path, value: unknown): void {
  if (name === undefined || !Object.hasOwn(record, name)) return;
  const below = record[name];
  if (rest.length === 0) Reflect.set(record, name, value);
  else if (isJsonObject(below)) set(below, rest, value);
}

type Path = readonly string[];

function split(path: string): Path {
  return path.split('.');
}

/** Sets a value, and makes the objects around it where there are none. */
function put(record: Readonly<Record<string, unknown>>, [name, ...rest]: Path, value: string): void {
  if (name === undefined) return;
  if (rest.length === 0) return void Reflect.set(record, name, value);
  if (!isJsonObject(record[name])) Reflect.set(record, name, {});
  const below = record[name];
  if (isJsonObject(below)) put(below, rest, value);
}

/** Empties every sensitive column of a completed row, and every hash but those of phone numbers. */
export function dropSensitiveValues(table: Table, values: Value[]): void {
  const dropped = droppedByTable.get(table) ?? droppedColumns(table);
  droppedByTable.set(table, dropped);
  for (const index of dropped) values[index] = null;
}

const droppedByTable = new WeakMap<Table, readonly number[]>();

function droppedColumns(table: Table): readonly number[] {
  return emptiedColumns(table, 'redact').map(columnIndex(table));
}
