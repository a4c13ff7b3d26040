import { joinKey } from '../../../functions/lake/digest.ts';
import type { Credentials } from '../../../functions/ports.ts';
import { handedOf } from '../../../functions/source/details.ts';
import { WHOLE_STREAM } from '../../../functions/source/page.ts';
import type { DailyStream, KnownRecord, Source, SourceContext, Stream } from '../../../functions/source/source.ts';
import { DAY_MS, dayOf, durationMs, HOUR_MS, parseDay } from '../../../functions/time.ts';
import { toJsonText, valueAtPath } from '../../../schemas/json-text.ts';
import { layoutOf } from '../../../schemas/layout.ts';
import type { Value } from '../../../schemas/value.ts';
import { type MadeList, type MadeRecord, madeList } from './made-list.ts';
import { makeRecord, ownPath } from './make-record.ts';

/** When the first run is. */
export const BEGIN = Date.parse('2026-11-01T09:00:00Z');
/** Records of a page, so that few records make several pages. */
export const PAGE_SIZE = 4;
/** Records of each list of the stream that is checked: full pages of either size, and a part of one. */
const LIST_SIZE = 18;
/** Records of each list of a stream that has one list per record of another: a full page, and a part of one. */
const SHORT_LIST = PAGE_SIZE + 2;
/** Lists of a stream that is checked, at most. */
const MOST_LISTS = 2;
/** Days of each list of daily figures, if so many are read again. */
const RECENT_DAYS = 6;

/** Lists of the stream, and of those before it that may list its partitions. */
export function makeLists(source: Source, checked: string, options: Credentials): readonly MadeList[] {
  const lists: MadeList[] = [];
  const recordsOf: SourceContext['recordsOf'] = (name) => knownIn(lists.find((list) => list.name === name));
  const target = source.streams[checked];
  const large = target?.kind === 'details' ? target.parent : checked;
  for (const [name, stream] of Object.entries(source.streams)) {
    const isOther = name !== checked && (!isMade(stream) || stream.kind === 'details');
    if (isOther) continue;
    const list = madeList(name, stream, () => [...(stream.partitions?.({ recordsOf, options }) ?? [WHOLE_STREAM])]);
    lists.push(list);
    const parents = stream.kind === 'details' ? lists.find((one) => one.name === stream.parent) : undefined;
    if (parents) addDetails(list, parents);
    else if (stream.kind === 'daily') fillDays(list, stream);
    else if (target?.kind === 'daily') fill(list, MOST_LISTS, oldestDay(target));
    else fill(list, name === large ? sizeOf(stream) : MOST_LISTS);
    if (name === checked) break;
  }
  return lists;
}

/** A list that a cap hides a part of is longer than the cap. */
function sizeOf({ kind, window }: Stream): number {
  return kind === 'per-parent' && window?.cap === undefined ? SHORT_LIST : LIST_SIZE;
}

/** Child records of each record, if its details are a list. */
const CHILDREN = 2;

/** Makes the details of the records that have none. */
export function addDetails(list: MadeList, parents: MadeList): void {
  const { stream, records } = list;
  const before = new Set(records.map(({ partition }) => partition));
  const own = stream.kind === 'details' && stream.isList ? CHILDREN : 1;
  for (const [place, { n: parent, at }] of parents.records.entries()) {
    const { id: partition = '', context = {} } = list.partitions()[place] ?? {};
    for (let n = parent * CHILDREN; !before.has(partition) && n < parent * CHILDREN + own; n += 1)
      records.push({ n, at, partition, context, json: makeRecord(stream, { n, at }) });
  }
}

/** True if answers of the stream can be made from its declaration. */
export function isMade(stream: Stream): boolean {
  if (stream.kind === 'details') return true;
  return stream.read === undefined && stream.tables[0].explode === undefined;
}

/** @param step time from a record to the next older one, ms. Of days, two are the shortest window, so that a few must be on each */
function fill(list: MadeList, size: number, step = list.stream.window?.as === 'day' ? 12 * HOUR_MS : HOUR_MS): void {
  const own = list.partitions().filter(({ sweepOnly }) => !sweepOnly);
  for (let n = 0; n < size * own.length; n += 1) addRecord(list, BEGIN - (n + 1) * step);
}

/** Days that are read again, and one that only a read of all history has, if the stream says where that begins. */
function fillDays(list: MadeList, stream: DailyStream): void {
  const recent = Math.min(RECENT_DAYS, Math.ceil(reachOf(stream) / DAY_MS));
  for (const { id } of list.partitions()) {
    for (let day = 0; day < recent; day += 1) addDay(list, BEGIN - day * DAY_MS, id);
    if (stream.historyFrom.length > 0) addDay(list, BEGIN - oldestDay(stream), id);
  }
}

/** Adds the figures of the day of an instant. */
export function addDay({ records, stream }: MadeList, instant: number, partition: string): MadeRecord {
  const at = dayOf(instant) * DAY_MS;
  const n = Math.max(0, ...records.map((one) => one.n)) + 1;
  const record = { n, at, partition, json: makeRecord(stream, { n, at }) };
  const place = records.findIndex((one) => one.at < at);
  records.splice(place === -1 ? records.length : place, 0, record);
  return record;
}

/** How far back days are read again, ms. */
export function reachOf({ tiers }: DailyStream): number {
  return Math.max(...tiers.map(({ back }) => durationMs(back)));
}

/** Age of a day that no tier reads again, ms. */
export function oldestDay(stream: DailyStream): number {
  return reachOf(stream) + 5 * DAY_MS;
}

/** Adds a record that began then, to the next of the partitions. */
export function addRecord(list: MadeList, at: number): MadeRecord {
  const { records, partitions, stream } = list;
  const n = Math.max(0, ...records.map((one) => one.n)) + 1;
  const own = partitions().filter(({ sweepOnly }) => !sweepOnly);
  const { id } = own[n % own.length] ?? WHOLE_STREAM;
  const record = { n, at, partition: id, json: makeRecord(stream, { n, at }) };
  const place = records.findIndex((one) => one.at < at);
  records.splice(place === -1 ? records.length : place, 0, record);
  return record;
}

function knownIn(list: MadeList | undefined): ReadonlyMap<string, KnownRecord> {
  const known = list?.records.map((one): [string, KnownRecord] => [
    keyOf(list, one),
    { contentHash: '', partOn: 0, firstSeenAt: 0, group: one.partition, ...handedIn(list, one) },
  ]);
  return new Map(known ?? []);
}

/** What the table of a record hands on, as the row has it. */
function handedIn({ stream }: MadeList, { json }: MadeRecord): Pick<KnownRecord, 'handed'> {
  const [table] = stream.tables;
  if (!table.handsOn) return {};
  const values = layoutOf(table).map(({ name }): Value => {
    const column = table.columns[name];
    const path = column && ownPath(column);
    const given = path === undefined ? undefined : valueAtPath(json, path.split('.'));
    const value = column?.transform ? column.transform(given) : given;
    return value === undefined || value === null ? null : typeof value === 'object' ? toJsonText(value) : String(value);
  });
  return { handed: handedOf({ table, values, optedOut: false }) ?? '{}' };
}

/** The key that the row of a record has. */
export function keyOf({ stream, partitions }: MadeList, { json, partition, context: own }: MadeRecord): string {
  const [{ key, columns }] = stream.tables;
  const context = own ?? partitions().find(({ id }) => id === partition)?.context ?? {};
  const values = key.map((name) => {
    const column = columns[name];
    const path = column && ownPath(column);
    const value = path === undefined ? context[column?.paths[0]?.slice(1) ?? ''] : valueAtPath(json, path.split('.'));
    if (column?.type === 'date' && typeof value === 'string') return parseDay(value);
    return column?.transform ? column.transform(value) : value;
  });
  return joinKey(values);
}
