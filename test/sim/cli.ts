import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { generate } from './generate.ts';
import { bugOf } from './known.ts';
import { readOptions, type SimOptions } from './options.ts';
import type { Violation } from './oracle.ts';
import type { SourceName } from './product.ts';
import type { Scenario } from './scenario.ts';
import { shrink } from './shrink.ts';
import { simulate } from './simulate.ts';
import { addTo, type Found, newTally, type Report, summaryOf, type Tally } from './tally.ts';

/** At most this many new violations are shrunk; each takes some seconds. */
const MOST_SHRUNK = 3;

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options.scenario !== undefined) return replay(options.scenario);
  if (options.worker) {
    process.stdout.write(JSON.stringify(await runSeeds(options)));
    return 0;
  }
  const began = performance.now();
  const report = options.jobs === 1 ? await runSeeds(options) : merge(await Promise.all(workers(options)));
  process.stdout.write(summaryOf(report, (performance.now() - began) / 1000));
  const fresh = report.found.filter(({ bug }) => bug === undefined);
  const kinds = new Map(fresh.map((found) => [`${found.invariant} ${found.what}`, found]));
  if (options.shrinks) for (const found of [...kinds.values()].slice(0, MOST_SHRUNK)) await printShrunk(found, options);
  return fresh.length > 0 ? 1 : 0;
}

async function runSeeds({ from, seeds, source, forced, stops }: SimOptions): Promise<Report> {
  const tallies: Partial<Record<SourceName, Tally>> = {};
  const found: Found[] = [];
  for (let seed = from; seed < from + seeds; seed += 1) {
    const before = process.cpuUsage();
    const scenario = generate(seed, source, forced);
    const { violations, ...counts } = await simulate(scenario);
    const { user, system } = process.cpuUsage(before);
    tallies[scenario.source] ??= newTally();
    addTo(tallies[scenario.source] ?? newTally(), { ...counts, seeds: 1, cpu: (user + system) / 1e6 });
    found.push(...violations.map((violation) => describe(seed, scenario, violation, violations)));
    if (stops && found.some(({ bug }) => bug === undefined)) break;
  }
  return { tallies, found };
}

function describe(seed: number, scenario: Scenario, violation: Violation, all: readonly Violation[]): Found {
  const bug = bugOf(scenario, violation, all);
  return { seed, source: scenario.source, ...violation, ...(bug === undefined ? {} : { bug }) };
}

/** Starts one process per core, each with a range of seeds. */
function workers({ seeds, from, jobs, source, forced, stops }: SimOptions): Promise<Report>[] {
  const share = Math.ceil(seeds / jobs);
  return Array.from({ length: jobs }, (_, n) => ({ from: from + n * share, seeds: Math.min(share, seeds - n * share) }))
    .filter((range) => range.seeds > 0)
    .map((range) => {
      const args = ['--worker', '--seed', String(range.from), '--seeds', String(range.seeds)];
      if (stops) args.push('--stop');
      if (forced !== undefined) args.push('--with', forced);
      return runWorker([...args, ...(source === undefined ? [] : ['--source', source])]);
    });
}

function runWorker(args: readonly string[]): Promise<Report> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [fileURLToPath(import.meta.url), ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const chunks: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(JSON.parse(Buffer.concat(chunks).toString()))
        : reject(new Error(`a worker ended with ${code}`)),
    );
  });
}

function merge(reports: readonly Report[]): Report {
  const tallies: Partial<Record<SourceName, Tally>> = {};
  for (const report of reports)
    for (const [name, tally] of Object.entries(report.tallies) as [SourceName, Tally][]) {
      tallies[name] ??= newTally();
      addTo(tallies[name] ?? newTally(), tally);
    }
  return { tallies, found: reports.flatMap(({ found }) => found) };
}

async function printShrunk(found: Found, { source, forced }: SimOptions): Promise<void> {
  const small = await shrink(generate(found.seed, source, forced), found);
  process.stdout.write(
    `\nseed ${found.seed}, ${found.invariant} ${found.what}: ${found.detail}\n` +
      `Save what follows as FILE and replay it: npm run sim -- --scenario FILE\n${JSON.stringify(small)}\n`,
  );
}

async function replay(file: string): Promise<number> {
  const { scenario } = unwrap(JSON.parse(readFileSync(file, 'utf8')));
  const { violations, objects: _objects, ...counts } = await simulate(scenario);
  for (const violation of violations) {
    const bug = bugOf(scenario, violation, violations);
    process.stdout.write(
      `${violation.invariant} ${violation.what}, run ${violation.run}: ${violation.detail}${bug ? ` [${bug}]` : ''}\n`,
    );
  }
  process.stdout.write(`${JSON.stringify(counts)}\n`);
  return violations.length > 0 ? 1 : 0;
}

/** A file of the corpus wraps its scenario. */
function unwrap(file: Scenario | { readonly scenario: Scenario }): { readonly scenario: Scenario } {
  return 'scenario' in file ? file : { scenario: file };
}

process.exitCode = await main();
