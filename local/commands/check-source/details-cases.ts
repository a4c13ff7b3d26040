import type { Stream } from '../../../functions/source/source.ts';
import type { JsonRecord } from '../../../schemas/table.ts';
import type { Case, Finding } from './case.ts';
import { cutRuns } from './cut-runs.ts';
import type { Intervention } from './fake-vendor.ts';
import { inWorld, judgeRows, judgeRun } from './judge-rows.ts';
import { EDITED, editable } from './list-cases.ts';
import type { MadeRecord } from './made-list.ts';
import { ownPath } from './make-record.ts';
import { setPath } from './set-path.ts';
import type { World } from './world.ts';

/** After this many hours a full scan is due. */
const SWEEP = 96;
const NOT_FOUND: Intervention = { status: 404 };
/** Requests at which a run is cut. */
const MOST_CUTS = 5;

/** What happens to the details of records. */
export const DETAILS_CASES: readonly Case[] = [
  {
    name: 'details are requested once',
    whyNot: (stream) => (isReadAgain(stream) ? 'again says that young ones are requested more often' : undefined),
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'two runs, of which the second lists one record more';
        const found = judgeRun(await world.run(0), what);
        if (found) return found;
        const before = world.vendor.asked.length;
        world.add();
        const failed = judgeRun(await world.run(1), what) ?? (await judgeRows(world, { what }));
        const requests = world.vendor.asked.length - before;
        if (failed || requests === 1) return failed;
        const remedy = 'check that no column of the records changes with each request';
        return { what, seen: `${requests} requests for details in the second run`, expected: 'one', remedy };
      }),
  },
  {
    name: 'a late edit of details is found if their record changes',
    whyNot: (stream) => whyNoEdit(stream),
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'a record and its details are edited; a full scan is due four days later';
        const found = judgeRun(await world.run(0), what);
        const [record] = pickDetails(world);
        const column = editable(world.stream);
        if (found || !record || !column) return found;
        record.json = edited(record.json, column.path);
        editParent(world);
        const failed = judgeRun(await world.run(SWEEP), what);
        const row = (await world.rows()).get(world.keyOf(record));
        if (failed || row?.[column.name] === EDITED) return failed;
        const remedy = 'check the path of the column, and that path or ask has the key of the record';
        return { what, seen: `column ${column.name} has the old value`, expected: 'the new one', remedy };
      }),
  },
  {
    name: 'details are removed with their record, and no others',
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'a record is removed; three full scans do not show it';
        const found = judgeRun(await world.run(0), what);
        if (found) return found;
        const removed = pickDetails(world);
        world.list.records.splice(0, Number.POSITIVE_INFINITY, ...without(world.list.records, removed));
        world.parents?.records.splice(2, 1);
        // Without a total, two of them are not enough.
        for (const scan of [1, 2, 3]) {
          const failed = judgeRun(await world.run(scan * SWEEP), what);
          // Those that are requested again are not found until the removal is proven.
          if (failed && !isReadAgain(world.stream)) return failed;
        }
        const remedy = 'check that the key of the details has the key of the record';
        return judgeRows(world, { what, removed, remedy });
      }),
  },
  {
    name: 'details lose their content if the caller opts out',
    whyNot: (stream) => whyNoOptOut(stream),
    play: (open) => inWorld(open, playOptOut),
  },
  {
    name: 'details that cannot be read do not keep the others waiting',
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'the details of one record are answered with 404 in the first run';
        const unread = pickDetails(world);
        const place = unread[0]?.partition;
        world.vendor.intervene = ({ partition }) => (partition.id === place ? NOT_FOUND : undefined);
        const { exitCode } = await world.run(0);
        const known = await world.rows();
        const others = without(world.list.records, unread).filter((one) => !known.has(world.keyOf(one))).length;
        world.vendor.intervene = undefined;
        const seen = [
          ...(exitCode === 4 ? [] : [`exit code ${exitCode}`]),
          ...(others === 0 ? [] : [`${others} other records have no details`]),
        ];
        if (seen.length > 0) {
          const expected = 'exit code 4, and the details of all others';
          return { what, seen: seen.join(', '), expected, remedy: 'check answer of the details' };
        }
        return judgeRun(await world.run(1), what) ?? judgeRows(world, { what });
      }),
  },
  {
    name: 'details are read on after a cut',
    play: (open) => cutRuns(open, { requests: MOST_CUTS, asked: 'details' }),
  },
];

function isReadAgain(stream: Stream): boolean {
  return stream.kind === 'details' && (stream.declared.again ?? []).length > 0;
}

function whyNoEdit(stream: Stream): string | undefined {
  const hasText =
    editable(stream) && stream.kind === 'details' && editable({ ...stream, tables: [stream.parentTable] });
  return hasText ? undefined : 'no text column of the record or of its details can be edited';
}

function whyNoOptOut(stream: Stream): string | undefined {
  if (stream.kind !== 'details') return undefined;
  const { optOut, columns } = stream.parentTable;
  const flag = optOut && columns[optOut.flagColumn];
  if (!flag) return 'the table of the records has no optOut';
  if (flag.transform || ownPath(flag) === undefined) return 'the flag of optOut has a transform';
  return sensitiveOf(stream) === undefined ? 'no column of the details is sensitive' : undefined;
}

function sensitiveOf({ tables: [{ columns, key }] }: Stream): string | undefined {
  return Object.keys(columns).find((name) => columns[name]?.sensitive === true && !key.includes(name));
}

/** Details of the third record. */
function pickDetails({ list, parents }: World): readonly MadeRecord[] {
  const place = parents?.records[2];
  const at = parents && place ? list.partitions()[2]?.id : undefined;
  return list.records.filter(({ partition }) => partition === at);
}

function without(all: readonly MadeRecord[], some: readonly MadeRecord[]): readonly MadeRecord[] {
  return all.filter((one) => !some.includes(one));
}

function edited(json: JsonRecord, path: string, value: unknown = EDITED): JsonRecord {
  const copy = structuredClone(json) as Record<string, unknown>;
  setPath(copy, path, value);
  return copy;
}

/** Edits the third record. */
function editParent({ stream, parents }: World): void {
  const column = stream.kind === 'details' ? editable({ ...stream, tables: [stream.parentTable] }) : undefined;
  const parent = parents?.records[2];
  if (column && parent) parent.json = edited(parent.json, column.path);
}

async function playOptOut(world: World): Promise<Finding | undefined> {
  const { stream, parents } = world;
  const what = 'a caller opts out; a full scan is due four days later';
  const found = judgeRun(await world.run(0), what);
  const name = sensitiveOf(stream);
  const parent = parents?.records[2];
  const table = parents?.stream.tables[0];
  const flag = table?.columns[table.optOut?.flagColumn ?? ''];
  const path = flag && ownPath(flag);
  if (found || !parent || path === undefined || name === undefined) return found;
  const { keepIf = false } = table?.optOut ?? {};
  parent.json = edited(parent.json, path, typeof keepIf === 'string' ? `not-${keepIf}` : !keepIf);
  const failed = judgeRun(await world.run(SWEEP), what) ?? (await judgeRows(world, { what }));
  if (failed) return failed;
  const rows = await world.rows();
  const kept = pickDetails(world).filter((one) => rows.get(world.keyOf(one))?.[name] !== null).length;
  if (kept === 0) return undefined;
  const remedy = 'check the flag of optOut';
  return { what, seen: `${kept} rows of its details have a value in ${name}`, expected: 'none', remedy };
}
