import type { DailyStream, Stream } from '../../../functions/source/source.ts';
import { DAY_MS, durationMs, HOUR_MS } from '../../../functions/time.ts';
import type { Case, Finding } from './case.ts';
import { cutRuns } from './cut-runs.ts';
import type { Intervention } from './fake-vendor.ts';
import { inWorld, judgeRows, judgeRun } from './judge-rows.ts';
import type { MadeRecord } from './made-list.ts';
import { addDay, addRecord, BEGIN, oldestDay, reachOf } from './make-lists.ts';
import { ownPath } from './make-record.ts';
import { setPath } from './set-path.ts';
import type { World } from './world.ts';

/** After this many hours a full scan of the streams is due that say where history begins. */
const SWEEP = 96;
/** Requests at which a run is cut. */
const MOST_CUTS = 6;
/** How the requests of a first read fail. */
const FAILURES: readonly Intervention[] = [{ status: 503 }, { status: 404 }];
const FIGURES = ['bigint', 'double', 'decimal'];
const CORRECTED = 7;

/** What happens to daily figures: they are corrected, come late, and cannot be read. */
export const DAILY_CASES: readonly Case[] = [
  {
    name: 'a late correction of a day is found',
    whyNot: whyNotCorrected,
    play: (open) => inWorld(open, playCorrection),
  },
  {
    name: 'a day that is missing is no removal, and is stored when it comes',
    whyNot: whyNotReadAgain,
    play: (open) => inWorld(open, playMissing),
  },
  {
    name: 'a first read of days that failed leaves no gap',
    play: async (open) => {
      for (const failure of FAILURES) {
        const found = await inWorld(open, (world) => playFailure(world, failure));
        if (found) return found;
      }
      return undefined;
    },
  },
  {
    name: 'days are read from the beginning of history on, also if that moves back',
    whyNot: (stream) =>
      isDaily(stream) && stream.historyFrom.length === 0 ? 'historyFrom names no stream' : undefined,
    play: (open) => inWorld(open, playOlderHistory),
  },
  {
    name: 'days are read on after a cut',
    play: (open) => cutRuns(open, { requests: MOST_CUTS, asked: 'days' }),
  },
];

function isDaily(stream: Stream): stream is DailyStream {
  return stream.kind === 'daily';
}

/** Hours after which each tier is due. */
function dueHours({ tiers }: DailyStream): number {
  return Math.max(...tiers.map(({ every }) => durationMs(every))) / HOUR_MS;
}

function whyNotReadAgain(stream: Stream): string | undefined {
  const isRead = isDaily(stream) && reachOf(stream) >= dueHours(stream) * HOUR_MS + DAY_MS;
  return isRead ? undefined : 'no tier reads a day again that the tier before it has read';
}

function whyNotCorrected(stream: Stream): string | undefined {
  return whyNotReadAgain(stream) ?? (figureOf(stream) ? undefined : 'no column has a figure');
}

function figureOf({ tables: [{ columns, key }] }: Stream): { name: string; path: string } | undefined {
  for (const [name, column] of Object.entries(columns)) {
    const path = ownPath(column);
    if (FIGURES.includes(column.type) && !column.transform && path !== undefined && !key.includes(name))
      return { name, path };
  }
  return undefined;
}

/** The days that are read again when each tier is due, the oldest of which is the last one. */
function readAgain({ stream, list }: World): readonly MadeRecord[] {
  const from = isDaily(stream) ? BEGIN + dueHours(stream) * HOUR_MS - reachOf(stream) : BEGIN;
  return list.records.filter(({ at }) => at >= from);
}

async function playCorrection(world: World): Promise<Finding | undefined> {
  const { stream } = world;
  const what = 'the vendor corrects a figure of the oldest day that is read again';
  const found = judgeRun(await world.run(0), what);
  const figure = figureOf(stream);
  const record = readAgain(world).at(-1);
  if (found || !figure || !record || !isDaily(stream)) return found;
  record.json = structuredClone(record.json);
  setPath(record.json as Record<string, unknown>, figure.path, CORRECTED);
  const failed = judgeRun(await world.run(dueHours(stream)), what) ?? (await judgeRows(world, { what }));
  const value = (await world.rows()).get(world.keyOf(record))?.[figure.name];
  if (failed || Number(value) === CORRECTED) return failed;
  const remedy = 'check tiers, window and the path of the column';
  return { what, seen: `column ${figure.name} has the old value`, expected: 'the new one', remedy };
}

/** One day is not told by the first run, another no longer by the second one. */
async function playMissing(world: World): Promise<Finding | undefined> {
  const { stream, list } = world;
  const what = 'a day has no figures at first, and another one has none later';
  const all = [...list.records];
  const [late, ...others] = readAgain(world);
  const gone = others.at(-1);
  const show = (hidden?: MadeRecord) => list.records.splice(0, all.length, ...all.filter((one) => one !== hidden));
  show(late);
  const first = judgeRun(await world.run(0), what) ?? (await judgeRows(world, { what }));
  if (first || !isDaily(stream)) return first;
  show(gone);
  const second = judgeRun(await world.run(dueHours(stream)), what);
  show();
  return second ?? judgeRows(world, { what, remedy: "check that removal is 'never'" });
}

async function playFailure(world: World, failure: Intervention): Promise<Finding | undefined> {
  const status = 'status' in failure ? failure.status : 200;
  const what = `each request of the first run is answered with ${status}, and the next run is ten days later`;
  world.vendor.intervene = () => failure;
  await world.run(0);
  world.vendor.intervene = undefined;
  const { list, stream } = world;
  // Older days may be out of reach by then, if the stream does not say where history begins.
  if (isDaily(stream) && stream.historyFrom.length === 0)
    list.records.splice(0, Number.POSITIVE_INFINITY, ...list.records.filter(({ at }) => isInReach(stream, at)));
  return judgeRun(await world.run(10 * 24), what) ?? judgeRows(world, { what });
}

function isInReach(stream: DailyStream, at: number): boolean {
  return at >= BEGIN + 10 * DAY_MS - reachOf(stream);
}

async function playOlderHistory(world: World): Promise<Finding | undefined> {
  const { stream, vendor, list } = world;
  const what = 'an older record arrives in a stream that says where history begins, with the figures of its day';
  const found = judgeRun(await world.run(0), what) ?? (await judgeRows(world, { what: 'the first run' }));
  if (found || !isDaily(stream)) return found;
  const begin = vendor.lists.find(({ name }) => stream.historyFrom.includes(name));
  const oldest = Math.min(...vendor.lists.flatMap(({ records }) => records.map(({ at }) => at)));
  const older = oldest - oldestDay(stream);
  if (begin) addRecord(begin, older);
  for (const { id } of list.partitions()) addDay(list, older, id);
  // If no tier reaches back to the first run, the days between are read first.
  for (const hours of [SWEEP, SWEEP + dueHours(stream)]) {
    const failed = judgeRun(await world.run(hours), what);
    if (failed) return failed;
  }
  return judgeRows(world, { what });
}
