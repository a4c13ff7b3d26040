import { CALLS, hasTotal } from './expect.ts';
import type { Oracle } from './oracle.ts';
import { clockHour, type Ending, type RunStep, type Scenario, type Step, VENDOR } from './scenario.ts';
import { isVisible, type World } from './world.ts';

const FIRST_ID = 900_001;
/** A sweep is due by then. */
const CALM_HOURS = 73;

/** The hour of the clock at which the steps end. */
export function lastHour({ steps }: Pick<Scenario, 'steps'>): number {
  const hours = steps.flatMap((step) => (step.do === 'run' ? hoursOf(step) : []));
  return Math.max(0, ...hours);
}

function hoursOf(step: RunStep): number[] {
  const { suspend, beside = [] } = step;
  return [clockHour(step), ...[{ suspend }, ...beside.map(({ run }) => run)].map((run) => run.suspend?.until ?? 0)];
}

const isAway = ({ steps }: Scenario) =>
  steps.some((step) => step.do === 'run' && (step.away || step.beside?.some(({ run }) => run.away)));

/** The steps of the ending; asks the oracle between them. */
export async function* endSteps(scenario: Scenario, oracle: Oracle, world: World): AsyncIterable<Step> {
  const { end } = scenario;
  if (end.kind === 'heal') yield* heal(scenario, end, oracle);
  if (end.kind === 'endure') yield* endure(scenario, end, oracle, world);
}

async function* heal(scenario: Scenario, { audits }: Ending & { kind: 'heal' }, oracle: Oracle): AsyncIterable<Step> {
  const from = lastHour(scenario);
  const order = scenario.vendor.order === 'ties' ? 'newest' : scenario.vendor.order;
  yield { do: 'vendor', set: { lie: 0, answerMs: VENDOR.answerMs, order } };
  // Interrupted reads are completed first; then one sweep finds removed records, and another confirms them, or two without a total.
  // Waits until a lease that a dead run on another host left behind has expired.
  const settled = isAway(scenario) ? 25 : 0;
  const hours = [settled + 1, settled + CALM_HOURS, settled + CALM_HOURS + 2];
  if (!hasTotal(scenario)) hours.push(settled + CALM_HOURS + 4);
  // Every audit log is read within a month.
  if (audits) for (let day = 4; day <= 36; day += 4) hours.push(settled + CALM_HOURS + 2 + 24 * day);
  for (const [n, hour] of hours.entries()) yield { do: 'run', id: FIRST_ID + n, at: from + hour };
  if (oracle.heldRemovals()) {
    yield { do: 'confirm', daysAgo: 0 };
    yield { do: 'run', id: FIRST_ID + 40, at: from + (hours.at(-1) ?? 0) + 0.1 };
  }
  oracle.healed();
  yield { do: 'run', id: FIRST_ID + 50, at: from + (hours.at(-1) ?? 0) + 0.25 };
  oracle.still();
}

/** The time limit never ends: each record and each removal must arrive within a bounded number of runs. */
async function* endure(
  scenario: Scenario,
  { limitMs, everyHours, runs, records, removals }: Ending & { kind: 'endure' },
  { tables, say }: Oracle,
  world: World,
): AsyncIterable<Step> {
  const from = lastHour(scenario);
  const { table } = CALLS[scenario.source];
  for (let n = 1; n <= runs; n += 1) {
    yield { do: 'run', id: FIRST_ID + n, at: from + n * everyHours, limitMs } satisfies RunStep;
    const rows = tables.get(table);
    for (const rec of n === records ? world.calls.values() : [])
      if (isVisible(rec) && !rows?.has(rec.id)) say('live', 'starved', `${table} ${rec.id} was not read in ${n} runs`);
    if (n === records)
      for (const list of unread(scenario, world)) say('live', 'unread', `list ${list} was not asked for in ${n} runs`);
    const unmarked = [...world.calls.values()].filter(
      (rec) => !isVisible(rec) && rows?.get(rec.id)?.deletedAt === null,
    );
    for (const { id } of n === removals ? unmarked : [])
      say('live', 'never-marked', `${table} ${id} is gone and was not marked in ${n} runs`);
    if (n >= records && unmarked.length === 0) return;
  }
}

/** Lists of clinicians, of their calls' audit entries and of their figures that were never asked for. */
function unread({ source }: Scenario, { users, calls, asked }: World): string[] {
  if (source !== 'kismet') return [];
  const lists = [...users.keys()].flatMap((id) => [
    `/api/external/organization_users/${id}/calls`,
    `/api/external/call_metrics ${id}`,
    ...[...calls.values()]
      .filter(({ list }) => list === id)
      .map((call) => `/api/external/organization_users/${id}/calls/${call.id}/audit_logs`),
  ]);
  return lists.filter((list) => !asked.has(list));
}
