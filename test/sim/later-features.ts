import type { Features } from './features.ts';
import type { Random } from './random.ts';
import type { Scenario, Step } from './scenario.ts';

/**
 * Adds features that the generator did not have at first. Their choices are of a sequence of their own, so that the other steps of a
 * seed are as they were without them: the start of a call is corrected, the vendor shows more or fewer records per page than before,
 * or refuses pages beyond the last one; an audit log has several pages.
 */
export function withLaterFeatures(random: Random, scenario: Scenario, features: Features): Scenario {
  const { source, steps, vendor } = scenario;
  const moves = random.one(3) && !['kismet', 'nook'].includes(source);
  // Without a total, nothing contradicts a wrong end of a list whose pages have other sizes.
  const resizes = random.one(4) && source !== 'nook' && !features.has('no total');
  const refusesBeyond = random.one(4) && source !== 'nook' && !hidesEnd(scenario);
  const ids = steps.flatMap((step) => (step.do === 'add' ? [step.id] : []));
  const after = (step: Step): Step[] => {
    if (step.do !== 'run') return [];
    const hour = step.clock ?? step.at;
    const moved: Step[] =
      moves && random.one(2) ? [{ do: 'move', id: random.pick(ids), at: hour - random.next() * 150 }] : [];
    return resizes && random.one(5) ? [...moved, { do: 'vendor', set: { most: random.int(1, 5) } }] : moved;
  };
  const all = steps.flatMap((step) => [step, ...after(step)]);
  const first = steps.findIndex((step) => step.do === 'run');
  // Last, so that the choices above are as they were without it.
  const early = source === 'kismet' && features.has('audits') ? longAuditLog(random, ids) : [];
  return {
    ...scenario,
    vendor: refusesBeyond ? { ...vendor, refusesBeyond } : vendor,
    steps: [...all.slice(0, first), ...early, ...all.slice(first)],
  };
}

/** Entries of one call, of several weeks and more than a page. The first calls are never removed. */
function longAuditLog(random: Random, ids: readonly string[]): readonly Step[] {
  const id = random.pick(ids.slice(0, 4));
  const entry = (n: number): Step => ({ do: 'audit', id, entry: 5000 + n, at: -900 * random.next(), fields: 1 });
  return Array.from({ length: random.int(3, 9) }, (_, n) => entry(n));
}

/** True if the list's end shows only beyond its last page. */
function hidesEnd({ source, vendor: { end, envelope } }: Scenario): boolean {
  return !end || (source === 'kalem' && envelope === 'bare');
}
