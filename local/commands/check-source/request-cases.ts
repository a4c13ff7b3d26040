import type { Stream } from '../../../functions/source/source.ts';
import { durationMs } from '../../../functions/time.ts';
import { type Case, type Finding, hasTokens, whyUnpaged } from './case.ts';
import { cutAt, cutRuns } from './cut-runs.ts';
import type { Intervention } from './fake-vendor.ts';
import { inWorld, judgeRows, judgeRun } from './judge-rows.ts';
import type { MadeRecord } from './made-list.ts';
import { makeRecord } from './make-record.ts';
import type { World } from './world.ts';

/** Requests of two runs that have no end, for each window of each list. */
const ENDLESS = 40;

/** What happens to requests: they are refused, cut, answered with another page. */
export const REQUEST_CASES: readonly Case[] = [
  {
    name: 'a total that moves removes nothing',
    whyNot: (stream) => (stream.answer?.total === undefined ? 'answer has no total' : whyUnpaged(stream)),
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'the total is another one on each page';
        const found = judgeRun(await world.run(0), what);
        if (found) return found;
        world.vendor.intervene = ({ number }) => ({
          change: (page) => ({ ...page, total: page.total + (number % 3) }),
        });
        await world.run(96);
        await world.run(192);
        return judgeRows(world, { what });
      }),
  },
  {
    name: 'a page that repeats ends the run',
    whyNot: whyUnpaged,
    play: (open) => inWorld(open, playRepeated),
  },
  {
    name: 'a token that has expired is not the end',
    whyNot: (stream) => (hasTokens(stream) ? undefined : 'the list has no tokens'),
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'a run is cut at the third page, and its tokens expire before the next run';
        cutAt(world, 2);
        await world.run(0, { commitsEachPage: true });
        world.vendor.intervene = undefined;
        world.list.tokens.clear();
        return judgeRun(await world.run(1), what) ?? judgeRows(world, { what });
      }),
  },
  {
    name: 'a run may be cut at each page',
    whyNot: whyUnpaged,
    play: async (open) => {
      let pages = 0;
      const failed = await inWorld(open, async (world) => {
        const result = await world.run(0);
        pages = world.vendor.asked.length;
        return judgeRun(result, 'the first run is not cut');
      });
      if (failed) return failed;
      return cutRuns(open, { requests: Math.min(pages, 9), asked: 'pages' });
    },
  },
  {
    name: 'a result cap is divided',
    whyNot: ({ window }) => (window?.cap === undefined ? 'no window with a cap is declared' : undefined),
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'a query shows fewer records than the list has';
        return judgeRun(await world.run(0), what) ?? judgeRows(world, { what });
      }),
  },
  {
    name: 'credentials that are refused in the middle are read again',
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'the second request is answered with 401, the others are not';
        answerOnce(world, { status: 401 });
        return judgeRun(await world.run(0), what) ?? judgeRows(world, { what });
      }),
  },
  {
    name: 'too many requests are waited for',
    play: (open) =>
      inWorld(open, async (world) => {
        const what = 'the second request is answered with 429 and retry-after: 2';
        answerOnce(world, { status: 429, headers: { 'retry-after': '2' } });
        return judgeRun(await world.run(0), what) ?? judgeRows(world, { what });
      }),
  },
  {
    name: 'a page of ties loses nothing',
    whyNot: (stream) => whyUnpaged(stream) ?? whyUnordered(stream),
    play: (open) => inWorld(open, playTies),
  },
];

function whyUnordered(stream: Stream): string | undefined {
  const isOrdered = ('order' in stream && stream.order.length > 0) || stream.answer?.next !== undefined;
  return isOrdered ? undefined : 'order is empty: the stream relies on no order';
}

/** Answers the second request, or the first if there is no second, once. */
function answerOnce(world: World, intervention: Intervention): void {
  const at = world.list.records.length > world.stream.pageSize && world.stream.pageSize > 0 ? 1 : 0;
  world.vendor.intervene = ({ number }) => (number === at ? intervention : undefined);
}

/** Windows in which a full list is read. */
function windowsOf({ window }: Stream): number {
  const { longest, required } = window ?? {};
  return longest && required ? Math.ceil(durationMs(required.back) / durationMs(longest)) + 1 : 1;
}

/** Each request gets the first page, with the token that it had. What was stored stays, and the run ends. */
async function playRepeated(world: World): Promise<Finding | undefined> {
  const what = hasTokens(world.stream) ? 'each page has the same token' : 'each request gets the first page';
  const found = judgeRun(await world.run(0), what);
  if (found) return found;
  const before = world.vendor.asked.length;
  const first = world.list.records.slice(0, 2).map(({ json }) => json);
  world.vendor.intervene = ({ next, page }) => ({
    change: (made) => ({ ...made, records: first, isLast: false, token: next ?? made.token, page, total: made.total }),
  });
  for (const hours of [96, 192]) await world.run(hours);
  const requests = world.vendor.asked.length - before;
  const lists = world.list.partitions().length;
  if (requests < ENDLESS * lists * windowsOf(world.stream)) return judgeRows(world, { what });
  const remedy = 'check answer.next, answer.page and answer.more';
  return { what, seen: `${requests} requests in two runs`, expected: 'an error after a few', remedy };
}

/** All records of a page and of its neighbours began in one instant. */
async function playTies(world: World): Promise<Finding | undefined> {
  const what = 'a page of records began in the same instant';
  const { stream, list } = world;
  const isLast = typeof stream.answer?.next === 'object' && 'last' in stream.answer.next;
  // A list that continues at the last record's value cannot have a full page of one value.
  const ties = isLast ? stream.pageSize - 1 : stream.pageSize + 2;
  const from = list.records[1]?.at ?? 0;
  const tied = list.records
    .slice(1, 1 + ties)
    .map(({ n, partition }): MadeRecord => ({ n, partition, at: from, json: makeRecord(stream, { n, at: from }) }));
  list.records.splice(1, tied.length, ...tied);
  return judgeRun(await world.run(0), what) ?? judgeRows(world, { what });
}
