import type { Column } from '../../../schemas/column.ts';
import { columnIndex, layoutOf } from '../../../schemas/layout.ts';
import { compileRule, HIDDEN, type IsShown, isIdText, REPLACED_KEY } from '../../../schemas/safe-text.ts';
import type { Table } from '../../../schemas/table.ts';
import type { Value } from '../../../schemas/value.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import type { RecordPlace } from '../pages/page-tally.ts';
import type { Rejects } from './coerce.ts';
import { contentHasher, replacedKey } from './hashes.ts';
import { newWords, type WordEvents, type Words } from './words.ts';

/** A column of a table, `<table>.<column>`. */
type ColumnName = string;

/** A record, and what it is flattened with. */
export interface SeenRecord {
  readonly record: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly group: string | undefined;
  readonly place?: RecordPlace | undefined;
}

/**
 * Judges which texts the schema `callhouse` shows. A word that the vendor does not document is shown once enough records have it; it is
 * "earned" then (see {@link Words}). There is one judge for each run of a stream.
 */
export interface ShownTexts {
  /** Compiles the rule of a column, once per run. The rule counts words that are not earned yet. */
  rule(name: ColumnName, column: Column): IsShown;
  /** The rule for a record that opts out: it shows no earned word, and counts none. */
  ruleOfOptedOut(name: ColumnName, column: Column): (text: string) => boolean;
  /** Compiles how a part of a key is stored, in both schemas: as it was served if it fits the column's rule, else as `~` and its hash. */
  keyPart(column: Column | undefined): (text: string) => string;
  /** Counts a text that is not shown. */
  noteHidden(name: ColumnName): void;
  /** Called for each record after its texts were judged: keeps it for {@link takeEarned} if one of its words is not earned yet. */
  remember(key: string, record: SeenRecord): void;
  /** Takes the kept records of which a word was earned since the last call, so that they are flattened again. */
  takeEarned(): readonly SeenRecord[];
  /** Called at the end of a full scan. Texts that earlier runs counted as hidden do not count any more. */
  forgetEarlier(): void;
  /** What the next commit keeps. */
  state(): Pick<StreamState, 'words' | 'hidden' | 'named' | 'rereadAt'>;
}

/** What the texts of a stream are judged by. */
export interface ShownTextsOptions {
  readonly hashKey: string;
  /** Scheduled time of the run, ms. */
  readonly at: number;
  /** The setting `safeValues`: texts that are shown, by column. */
  readonly safeValues?: Readonly<Record<ColumnName, readonly string[]>> | undefined;
  /** What the last commit kept; undefined if the stream never ran. */
  readonly before?: StreamState | undefined;
}

/** Most records that are kept until a word of theirs is earned. The next run reads further ones again. */
const MOST_WAITING = 200;

/** The rules of one run. */
export function shownTexts({ hashKey, at, safeValues = {}, before }: ShownTextsOptions): ShownTexts {
  const words = new Map<ColumnName, Words>();
  const waiting = new Map<string, SeenRecord>();
  const pending = new Set<string>();
  const earnedBy = new Set<string>();
  let isUnread = false;
  const hidden = new Map<ColumnName, number>();
  const eventsOf = (name: ColumnName): WordEvents => ({
    onPending: (key) => void pending.add(key),
    onEarned(keys, isAll) {
      hidden.set(name, Math.max(0, (hidden.get(name) ?? 0) - keys.length));
      for (const key of keys) if (waiting.has(key)) earnedBy.add(key);
      if (!isAll || keys.some((key) => !waiting.has(key))) isUnread = true;
      // What else is hidden in the column is counted when the records are read again.
      if (!isAll) earlier = { ...earlier, [name]: 0 };
    },
  });
  const ruleOf = (name: ColumnName, { safe, type }: Column, isEarned: IsShown) => {
    return { safe, isList: type === 'json', named: safeValues[name] ?? [], isEarned };
  };
  const wordsOf = (name: ColumnName) => {
    const known = words.get(name) ?? newWords(before?.words?.[name], hashKey, eventsOf(name));
    words.set(name, known);
    return known;
  };
  const named = contentHasher('')([JSON.stringify(safeValues)]).slice(0, 16);
  // The setting has changed: rows that show other texts now are staged, and hidden texts counted, when they are read again.
  const isChanged = before !== undefined && before.named !== named;
  let earlier = (isChanged ? undefined : before?.hidden) ?? {};
  return {
    rule: (name, column) => compileRule(ruleOf(name, column, (text, key) => wordsOf(name).isEarned(text, key))),
    ruleOfOptedOut: (name, column) => {
      const rule = compileRule(ruleOf(name, column, () => false));
      return (text) => rule(text, '');
    },
    keyPart: (column) => compileKeyPart(column, hashKey),
    noteHidden: (name) => void hidden.set(name, (hidden.get(name) ?? 0) + 1),
    remember(key, record) {
      if (waiting.has(key) || (pending.has(key) && waiting.size < MOST_WAITING)) waiting.set(key, record);
      pending.delete(key);
    },
    takeEarned() {
      const records = [...earnedBy].flatMap((key) => waiting.get(key) ?? []);
      earnedBy.clear();
      return records;
    },
    forgetEarlier() {
      earlier = {};
    },
    state() {
      const counts = [...words].map(([name, known]) => [name, known.counts()] as const);
      const kept = counts.filter(([, { earned, pending: open }]) => earned.length + Object.keys(open).length > 0);
      return {
        words: unlessEmpty({ ...before?.words, ...Object.fromEntries(kept) }),
        hidden: unlessEmpty(greaterOf(earlier, Object.fromEntries(hidden))),
        named,
        rereadAt: isUnread ? at : isChanged ? at - 1 : before?.rereadAt,
      };
    },
  };
}

function unlessEmpty<T extends object>(facts: T): T | undefined {
  return Object.keys(facts).length === 0 ? undefined : facts;
}

/** The greater of two counts by name, without those that are zero. */
function greaterOf(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>) {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  const counts = names.map((name) => [name, Math.max(one[name] ?? 0, other[name] ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

/** A key never changes, so it does not depend on words that are earned later, or on the setting `safeValues`. */
function compileKeyPart(column: Column | undefined, hashKey: string): (text: string) => string {
  const safe = column?.safe ?? ({ kind: 'id' } as const);
  const fits = column ? compileRule({ safe, isList: false, named: [], isEarned: () => false }) : isIdText;
  return (text) => {
    if (fits(text, '') || REPLACED_KEY.test(text)) return text;
    return replacedKey(text, hashKey);
  };
}

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
  /** Why it is counted if it is hidden; undefined where most texts are. */
  readonly reason: string | undefined;
}

/** Writes into `_hidden` which texts of a row `callhouse` does not show. */
export type Mask = (values: Value[], key: string, optedOut: boolean) => void;

/** Compiles which texts of a table's rows are shown. A record that opts out loses the texts that are not. */
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
 * Replaces parts of keys that do not fit their rule, and references to such keys, by their hash.
 * @returns the parts of the row's own key that were replaced, as they were served, by column; undefined if all of them fit
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

/** Compiles how the parts of a table's key are stored, in the order of `table.key`. */
export function heldKeyOf(table: Table, texts: Pick<ShownTexts, 'keyPart'>): (parts: readonly Value[]) => Value[] {
  const replace = table.key.map((name) => texts.keyPart(table.columns[name]));
  return (parts) => parts.map((part, n) => (typeof part === 'string' ? (replace[n]?.(part) ?? part) : part));
}
