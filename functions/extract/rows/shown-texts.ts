import type { Column } from '../../../schemas/column.ts';
import { isIdText, isLabel, normalWord, REPLACED_KEY } from '../../../schemas/safe-text.ts';
import type { StreamState } from '../../lake/stream-state.ts';
import { contentHasher, keyedHash } from './hashes.ts';
import type { RecordPlace } from './place-reader.ts';
import { newWords, type WordEvents, type Words } from './words.ts';

/** A column of a table, `<table>.<column>`. */
type ColumnName = string;

/** True if `callhouse` shows the text. @param key of the record that shows it */
export type IsShown = (text: string, key: string) => boolean;

/** A record, and what it is flattened with. */
export interface SeenRecord {
  readonly record: unknown;
  readonly context: Readonly<Record<string, unknown>>;
  readonly group: string | undefined;
  /** Where it is in its list. */
  readonly place?: RecordPlace | undefined;
}

/** Judges which texts `callhouse` shows, and learns words. There is one for each run of a stream. */
export interface ShownTexts {
  /** Compiles the rule of a column, once per run. A word that it does not show yet is counted. */
  rule(name: ColumnName, column: Column): IsShown;
  /** The rule for a record that opts out: it shows no earned word, and counts none. */
  ruleOfOptedOut(name: ColumnName, column: Column): (text: string) => boolean;
  /** Compiles how both halves hold a part of a key: as it was served if it fits, else `~` and its hash. */
  keyPart(column: Column | undefined): (text: string) => string;
  /** Counts a text that is not shown. */
  noteHidden(name: ColumnName): void;
  /** Keeps a record of which a word is not shown yet, for {@link takeEarned}; called for each record after its texts were judged. */
  remember(key: string, record: SeenRecord): void;
  /** Remembered records that showed a word before it was earned, since the last call. They are to be flattened again. */
  takeEarned(): readonly SeenRecord[];
  /** Called at the end of a full scan: hidden texts of earlier runs count no more. */
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

/** Texts of a column whose verdict is remembered. */
const MOST_REMEMBERED = 1000;

/** Records whose word may still be earned in this run. With more, they are read again by the next run. */
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
    },
  });
  const wordsOf = (name: ColumnName) => {
    const known = words.get(name) ?? newWords(before?.words?.[name], hashKey, eventsOf(name));
    words.set(name, known);
    return known;
  };
  let earlier = before?.hidden ?? {};
  const named = contentHasher('')([JSON.stringify(safeValues)]).slice(0, 16);
  // Rows that an earlier run stored with other texts shown are staged anew when they are read again.
  const isChanged = before !== undefined && before.named !== named;
  return {
    rule: (name, column) =>
      compileRule(column, safeValues[name] ?? [], (text, key) => wordsOf(name).isEarned(text, key)),
    ruleOfOptedOut: (name, column) => {
      const rule = compileRule(column, safeValues[name] ?? [], () => false);
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
        words: optional({ ...before?.words, ...Object.fromEntries(kept) }),
        hidden: optional(mostOf(earlier, Object.fromEntries(hidden))),
        named,
        rereadAt: isUnread ? at : isChanged ? at - 1 : before?.rereadAt,
      };
    },
  };
}

function optional<T extends object>(facts: T): T | undefined {
  return Object.keys(facts).length === 0 ? undefined : facts;
}

function mostOf(one: Readonly<Record<string, number>>, other: Readonly<Record<string, number>>) {
  const names = [...new Set([...Object.keys(one), ...Object.keys(other)])].sort();
  const counts = names.map((name) => [name, Math.max(one[name] ?? 0, other[name] ?? 0)] as const);
  return Object.fromEntries(counts.filter(([, count]) => count > 0));
}

function compileRule({ safe, type }: Column, named: readonly string[], isEarned: IsShown): IsShown {
  const shown = new Set(named);
  if (safe?.kind === 'id') return (text) => isIdText(text) || shown.has(text) || REPLACED_KEY.test(text);
  if (safe?.kind === 'label') return (text) => isLabel(text) || shown.has(text);
  if (safe?.kind !== 'code') return (text) => shown.has(text);
  const listed = new Set(safe.words.map(normalWord));
  const isWordShown: IsShown = (text, key) => shown.has(text) || listed.has(normalWord(text)) || isEarned(text, key);
  // Every member is judged, so that each is counted.
  const isListShown: IsShown = (text, key) =>
    membersOf(text)
      ?.map((word) => isWordShown(word, key))
      .every(Boolean) ?? false;
  return remembering(type === 'json' ? isListShown : isWordShown, shown);
}

/** A text that was shown once is shown for the rest of the run. */
function remembering(rule: IsShown, shown: Set<string>): IsShown {
  return (text, key) => {
    if (shown.has(text)) return true;
    const isShown = rule(text, key);
    if (isShown && shown.size < MOST_REMEMBERED) shown.add(text);
    return isShown;
  };
}

/** The members of a list of words as JSON text; undefined for other JSON. */
function membersOf(json: string): readonly string[] | undefined {
  const list: unknown = JSON.parse(json);
  return Array.isArray(list) && list.every((word) => typeof word === 'string') ? list : undefined;
}

/** Length of the hash in a key that does not show its text, hex digits. */
const KEY_DIGITS = 32;

/** A key never changes, so neither earned words nor `safeValues` count. */
function compileKeyPart(column: Column | undefined, hashKey: string): (text: string) => string {
  const fits = column
    ? compileRule(column.safe ? column : { ...column, safe: { kind: 'id' } }, [], () => false)
    : isIdText;
  return (text) => {
    if (fits(text, '') || REPLACED_KEY.test(text)) return text;
    return `~${keyedHash('key', text, hashKey).slice(0, KEY_DIGITS)}`;
  };
}
