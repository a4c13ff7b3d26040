import { twistOf } from './answer.ts';
import { CALLS, hasTotal, historyOf, isTied, type Say } from './expect.ts';
import type { Tables } from './fold.ts';
import { HOUR_MS, hourMs, type RunStep, type Scenario } from './scenario.ts';
import { isVisible, type World, wentSince } from './world.ts';

/** A run that ended with 0, as the checks below see it. */
export interface Completed {
  readonly scenario: Scenario;
  readonly settings: Readonly<Record<string, unknown>>;
  readonly world: World;
  readonly tables: Tables;
  readonly step: RunStep;
  readonly say: Say;
}

/** How far each tier reads back at each run. */
const FRESH_MS = 2 * HOUR_MS;
const TROUBLES = [
  'faults',
  'during',
  'kill',
  'suspend',
  'store',
  'interrupt',
  'limitMs',
  'streams',
  'window',
  'beside',
  'clock',
] as const;

/** I8 of a run without trouble: exit 0 says that the calls of the last hours are in the table. */
export function checkFresh({ scenario, settings, world, tables, step, say }: Completed): void {
  if (TROUBLES.some((trouble) => step[trouble] !== undefined) || world.vendor.order === 'ties') return;
  const { table } = CALLS[scenario.source];
  const from = Math.max(hourMs(step.at) - FRESH_MS, historyOf(settings) ?? Number.NEGATIVE_INFINITY);
  const ids = scenario.userIds?.split(',');
  for (const rec of world.calls.values()) {
    if (rec.at === null || rec.at < from || !isVisible(rec)) continue;
    const owner = world.users.get(rec.list);
    const isListed = owner !== undefined && isVisible(owner) && (!ids || ids.includes(owner.id));
    if (scenario.source === 'kismet' && !isListed) continue;
    if (!tables.get(table)?.has(rec.id))
      say('I8', 'incomplete', `a run ends with 0, and ${table} ${rec.id} of the last two hours is not in the table`);
  }
}

/** What the first load must bring. */
export interface FirstLoad {
  /** The start of each call, ms, when the first run began; undefined for calls that were not listed. */
  readonly calls: Map<string, number | null>;
  /** Turn at which that run began. */
  readonly began: number;
  /** The latest first instant of history so far, ms. */
  from: number;
}

/** The calls that are there before the first run. */
export function firstLoad(world: World, settings: Completed['settings'], began: number): FirstLoad {
  const listed = [...world.calls.values()].filter(isVisible);
  const from = historyOf(settings) ?? Number.NEGATIVE_INFINITY;
  return { calls: new Map(listed.map(({ id, at }) => [id, at])), began, from };
}

/** I8 of the first load: records that were listed when it began are in the table when it first ends with 0. */
export function checkFirstLoad({ scenario, world, tables, say }: Completed, { calls, began, from }: FirstLoad): void {
  const { table } = CALLS[scenario.source];
  for (const rec of world.calls.values()) {
    const [before, now] = [calls.get(rec.id) ?? Number.NEGATIVE_INFINITY, rec.at ?? Number.NEGATIVE_INFINITY];
    // One that came back, or that only now began within history, may be on a page that was read before: a full scan finds it.
    if (!isVisible(rec) || wentSince(rec, began) || Math.min(before, now) < from || rec.at === null) continue;
    // Between two pages, a list may put such records in another order; and between two runs, a record that moved may come to pages that
    // the first one has read. Without a total nobody can know.
    // A total that counts what is before history tells nothing either.
    const isTold = hasTotal(scenario) && from === Number.NEGATIVE_INFINITY;
    if (isTied(scenario, world, rec) || (rec.isMoved && !isTold)) continue;
    if (calls.has(rec.id) && !tables.get(table)?.has(rec.id))
      say('I8', 'first-load', `the first load ends with 0, and ${table} ${rec.id} is not in the table`);
  }
}

/** An answer of this run shows other content than the vendor has. A wrong end alone hides nothing. */
export const hasWrongPage = ({ faults = [] }: RunStep) =>
  faults.some(({ what }) => what !== 'ends' && twistOf(what) !== undefined);

/** An answer of this run leaves records out. */
export const leavesOut = ({ faults = [] }: RunStep) => faults.some(({ what }) => what === 'short' || what === 'empty');

/** A record is removed while this run reads, and no total says so: there is none, or another record comes meanwhile. */
export const removesUnnoticed = (scenario: Scenario, { during = [] }: RunStep) =>
  during.some(({ step }) => step.do === 'remove') &&
  (!hasTotal(scenario) || during.some(({ step }) => step.do === 'add'));
