import type { Stream } from '../../../functions/source/source.ts';
import type { Case, Finding } from './case.ts';
import { inWorld, judgeRows, judgeRun } from './judge-rows.ts';
import { ownPath } from './make-record.ts';
import { setPath } from './set-path.ts';
import type { World } from './world.ts';

/** After this many hours a full scan is due. */
const SWEEP = 96;

/** What happens to records: they are listed, changed, added, removed. */
export const LIST_CASES: readonly Case[] = [
  {
    name: 'every record is stored with its values',
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'the first run reads a list of several pages';
        const failed = judgeRun(await world.run(0), what) ?? (await judgeRows(world, { what }));
        return failed ?? (await judgeValues(world, what));
      }),
  },
  {
    name: 'a late edit is found',
    whyNot: (stream) => whyNoList(stream) ?? whyDays(stream) ?? whyNoEdit(stream),
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'the oldest record is edited; a full scan is due four days later';
        const found = judgeRun(await world.run(0), what);
        const column = editable(world.stream);
        const record = world.list.records.at(-1);
        if (found || !column || !record) return found;
        record.json = structuredClone(record.json);
        setPath(record.json as Record<string, unknown>, column.path, EDITED);
        const failed = judgeRun(await world.run(SWEEP), what);
        const row = (await world.rows()).get(world.keyOf(record));
        if (failed || row?.[column.name] === EDITED) return failed;
        const remedy = 'check the path of the column, and that the key of the table does not change with it';
        return { what, seen: `column ${column.name} has the old value`, expected: 'the new one', remedy };
      }),
  },
  {
    name: 'a removal is found, and nothing else is marked',
    whyNot: (stream) => whyNoList(stream) ?? whyNotRemoved(stream),
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'a record is removed; three full scans do not show it';
        const found = judgeRun(await world.run(0), what);
        if (found) return found;
        const removed = world.list.records.splice(3, 1);
        // Without a total, two of them are not enough.
        for (const scan of [1, 2, 3]) {
          const failed = judgeRun(await world.run(scan * SWEEP), what);
          if (failed) return failed;
        }
        const remedy = 'check answer.total and answer.more: a scan proves a removal only if it meets the total';
        return judgeRows(world, { what, removed, remedy });
      }),
  },
  {
    name: 'a record that arrives while pages are read is stored',
    whyNot: (stream) => whyNoList(stream) ?? whyDays(stream),
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'a record arrives after the first page of the first run';
        world.vendor.intervene = ({ number }) => {
          if (number === 1) world.add();
          return { change: (page) => page };
        };
        await world.run(0);
        if (world.vendor.asked.length < 2) world.add();
        // Lists of young records are read at each run, and no list is ever read completely again.
        await world.run(world.stream.kind === 'per-parent' ? 1 : SWEEP);
        return judgeRows(world, { what });
      }),
  },
  {
    name: 'an empty answer removes nothing',
    whyNot: whyNoList,
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'two full scans get an empty list, though records are known';
        const found = judgeRun(await world.run(0), what);
        if (found) return found;
        world.vendor.intervene = () => ({
          change: (page) => ({ ...page, records: [], isLast: true, total: 0, pages: 1, token: undefined }),
        });
        await world.run(SWEEP);
        await world.run(2 * SWEEP);
        return judgeRows(world, { what });
      }),
  },
];

/** Why a stream has no list of its own. */
function whyNoList(stream: Stream): string | undefined {
  return stream.kind === 'details' ? `its rows follow the records of ${stream.parent}` : undefined;
}

function whyDays({ kind }: Stream): string | undefined {
  return kind === 'daily' ? 'its records are days, which have cases of their own' : undefined;
}

function whyNoEdit(stream: Stream): string | undefined {
  if (stream.kind === 'per-parent') return 'each list is read from its newest record on: a later edit is not expected';
  return editable(stream) ? undefined : 'no text column can be edited';
}

function whyNotRemoved({ tables: [{ removal }] }: Stream): string | undefined {
  return removal === 'by-absence' ? undefined : `removal is '${removal}'`;
}

/** The value of an edited column. */
export const EDITED = 'edited';

/** A text column that the vendor may change. */
export function editable(stream: Stream): { name: string; path: string } | undefined {
  const {
    tables: [{ key, stableKey, callerNumber, optOut, columns }],
    answer,
  } = stream;
  const last = typeof answer?.next === 'object' && 'last' in answer.next ? [answer.next.last] : [];
  const ordered = [...last, ...('order' in stream ? stream.order : [])];
  const fixed = new Set<unknown>([...key, stableKey?.by, callerNumber?.direction, optOut?.flagColumn]);
  for (const [name, column] of Object.entries(columns)) {
    const path = ownPath(column);
    if (column.type !== 'text' || column.url || column.transform || path === undefined || fixed.has(name)) continue;
    if (!ordered.includes(path)) return { name, path };
  }
  return undefined;
}

/** Each column of a made record has a value. Those with a transform may say otherwise on purpose. */
async function judgeValues(world: World, what: string): Promise<Finding | undefined> {
  const [{ columns }] = world.stream.tables;
  const rows = await world.rows();
  // What a transform or explode expects is not declared, so that the made value may be another kind of thing.
  const isOfColumn = (name = '') => name !== '' && !columns[name]?.transform;
  const rejects = (await world.rejects()).filter((text) => isOfColumn(text.split(':')[0]));
  if (rejects.length > 0) {
    const remedy = 'check the type and the transform of the column';
    return { what, seen: `refused values: ${[...new Set(rejects)].join(', ')}`, expected: 'none', remedy };
  }
  const empty = Object.entries(columns).filter(
    ([name, column]) =>
      ownPath(column) !== undefined &&
      !column.transform &&
      [...rows.values()].some((row) => (row[name] ?? null) === null),
  );
  if (empty.length === 0) return undefined;
  const names = empty.map(([name]) => name).join(', ');
  const remedy =
    'check their paths; two columns of which one reads a part of the other need the type json; check optOut';
  return { what, seen: `columns without a value: ${names}`, expected: 'the value of the record', remedy };
}
