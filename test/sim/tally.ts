import type { SourceName } from './product.ts';

/** A violation worth printing, with the seed that shows it. */
export interface Found {
  readonly seed: number;
  readonly source: SourceName;
  readonly invariant: string;
  readonly what: string;
  readonly detail: string;
  readonly run: number;
  /** The open bug it is attributed to. */
  readonly bug?: string;
}

/** The results of the seeds of one vendor. */
export interface Tally {
  seeds: number;
  runs: number;
  requests: number;
  commits: number;
  kills: number;
  suspensions: number;
  /** CPU seconds. */
  cpu: number;
}

/** The results that a worker prints for its parent. */
export interface Report {
  readonly tallies: Partial<Record<SourceName, Tally>>;
  readonly found: readonly Found[];
}

export const newTally = (): Tally => ({ seeds: 0, runs: 0, requests: 0, commits: 0, kills: 0, suspensions: 0, cpu: 0 });

/** Adds one tally to another. */
export function addTo(sum: Tally, other: Tally): void {
  for (const name of Object.keys(sum) as (keyof Tally)[]) sum[name] += other[name];
}

const NEW = 'NEW';

/** The summary: figures by vendor, then violations by known bug, then the new ones. */
export function summaryOf({ tallies, found }: Report, wallSeconds: number): string {
  const all = newTally();
  for (const tally of Object.values(tallies)) addTo(all, tally);
  const lines = ['vendor   seeds  seeds/CPU-s  runs/seed  requests/seed  commits  kills  suspended'];
  for (const [name, tally] of [...Object.entries(tallies).sort(), ['all', all] as const])
    lines.push(lineOf(name, tally));
  lines.push(`${all.runs} runs, ${all.requests} requests in ${wallSeconds.toFixed(1)} s`);
  const bugs = new Map<string, Found[]>();
  for (const one of found) bugs.set(one.bug ?? NEW, [...(bugs.get(one.bug ?? NEW) ?? []), one]);
  for (const [bug, violations] of [...bugs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const seeds = [...new Set(violations.map(({ seed }) => seed))];
    lines.push(`${bug}: ${seeds.length} seeds (${seeds.slice(0, 8).join(', ')}${seeds.length > 8 ? ', …' : ''})`);
  }
  for (const { seed, source, invariant, what, detail } of bugs.get(NEW) ?? [])
    lines.push(`  seed ${seed} (${source}) ${invariant} ${what}: ${detail}`);
  return `${lines.join('\n')}\n`;
}

function lineOf(name: string, { seeds, runs, requests, commits, kills, suspensions, cpu }: Tally): string {
  const each = (count: number) => (count / Math.max(1, seeds)).toFixed(1);
  return [
    name.padEnd(7),
    String(seeds).padStart(6),
    (seeds / Math.max(cpu, 1e-9)).toFixed(1).padStart(12),
    each(runs).padStart(10),
    each(requests).padStart(14),
    String(commits).padStart(8),
    String(kills).padStart(6),
    String(suspensions).padStart(10),
  ].join(' ');
}
