import known from './known.json' with { type: 'json' };
import type { Violation } from './oracle.ts';
import type { RunStep, Scenario } from './scenario.ts';

/** An open bug, and the traits that a violation must have to be attributed to it. */
export interface KnownBug {
  readonly bug: string;
  /** `invariant kind`, as printed. */
  readonly shows: readonly string[];
  readonly sources?: readonly string[];
  /** Traits the scenario must all have. */
  readonly needs: readonly string[];
  /** Traits of which it must have one. */
  readonly any?: readonly string[];
  /** A violation that must be seen as well. */
  readonly with?: string;
  /** What the detail must match. */
  readonly detail?: string;
}

/** The open bug that explains a violation; undefined: it is new. */
export function bugOf(
  scenario: Scenario,
  { invariant, what, detail }: Violation,
  all: readonly Violation[],
): string | undefined {
  const traits = traitsOf(scenario);
  return (known as readonly KnownBug[]).find(
    (bug) =>
      bug.shows.includes(`${invariant} ${what}`) &&
      (bug.sources?.includes(scenario.source) ?? true) &&
      bug.needs.every((trait) => traits.has(trait)) &&
      (bug.any?.some((trait) => traits.has(trait)) ?? true) &&
      (bug.with === undefined || all.some((other) => bug.with === `${other.invariant} ${other.what}`)) &&
      (bug.detail === undefined || new RegExp(bug.detail).test(detail)),
  )?.bug;
}

const hasSmallGroups = ({ groupRows, groupBytes }: Scenario['tuning']) =>
  groupRows !== undefined || groupBytes !== undefined;

/** The traits of a scenario, in the words of `known.json`. */
export function traitsOf({ steps, vendor, settings, end, userIds, tuning }: Scenario): ReadonlySet<string> {
  const runs = steps.filter((step): step is RunStep => step.do === 'run');
  const all = [...runs, ...runs.flatMap(({ beside = [] }) => beside.map(({ run }) => run))];
  const faults = all.flatMap((run) => run.faults ?? []).map(({ what }) => what);
  const settingsSet = [settings, ...steps.flatMap((step) => (step.do === 'settings' ? [step.set] : []))];
  const during = all.flatMap((run) => (run.during ?? []).map(({ step }) => step));
  const traits: readonly (readonly [string, boolean])[] = [
    ['historyStart', settingsSet.some(({ historyStart }) => historyStart !== undefined)],
    ['ties', vendor.order === 'ties'],
    ['no total', !vendor.total || vendor.envelope === 'links' || vendor.envelope === 'bare'],
    ['no end', !vendor.end || vendor.envelope === 'bare'],
    ['endure', end.kind === 'endure'],
    ['kill', all.some(({ kill }) => kill !== undefined)],
    ['suspend', all.some(({ suspend }) => suspend !== undefined)],
    ['store fails', all.some(({ store = [] }) => store.some(({ what }) => what === 'fail'))],
    ['answer lost', all.some(({ store = [] }) => store.some(({ what }) => what === 'lost'))],
    ['beside', runs.some(({ beside = [] }) => beside.length > 0)],
    ['limit', all.some(({ limitMs }) => limitMs !== undefined)],
    ['interrupt', all.some(({ interrupt }) => interrupt !== undefined)],
    ['far run', all.some(({ at, clock }) => clock !== undefined && at - clock > 700)],
    ['clock set', all.some(({ clock }) => clock !== undefined)],
    ['never connected', [...steps, ...during].some((step) => step.do === 'add' && step.at === null)],
    ['opt-out', [...steps, ...during].some((step) => step.do === 'optOut')],
    ['opt-in', [...steps, ...during].some((step) => step.do === 'optIn')],
    ['drift', during.length > 0],
    ['no post', !vendor.post],
    ['users given', userIds !== undefined],
    ['small groups', hasSmallGroups(tuning)],
    ['user removed', [...steps, ...during].some((step) => step.do === 'removeUser')],
    ['single stream', all.some(({ streams }) => streams !== undefined)],
    ['faults', faults.length > 0],
    ...faults.map((what) => [`fault ${what}`, true] as const),
  ];
  return new Set(traits.filter(([, on]) => on).map(([name]) => name));
}
