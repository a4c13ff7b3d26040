import type { ExitCode } from '../../../functions/errors.ts';
import { worstOf } from '../../../functions/results.ts';
import type { BrokenSource } from '../../../functions/source/registry.ts';
import { logLines } from '../../console/log-lines.ts';
import { printError } from '../../console/print-error.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { nameOf } from '../run/describe-run.ts';
import type { RunTarget } from '../run/select-targets.ts';
import { type AccountBackfill, backfillAccount } from './backfill-account.ts';
import { type BackfillHome, openLocalHome } from './backfill-home.ts';
import type { BackfillResult } from './backfill-result.ts';
import { describeBackfill } from './describe-backfill.ts';
import type { Marks } from './marks.ts';
import { planSteps } from './plan-steps.ts';
import { readStretch, type Stretch } from './read-window.ts';

/** `callhouse backfill`: reads a stretch of history again and loads it. */
export async function backfillCommand(names: readonly string[], options: Options, shell: Shell): Promise<ExitCode> {
  const stretch = readStretch(options);
  const lines = logLines(shell);
  const open = options['aws'] ? (await import('../../aws/stage-home.ts')).openStageHome : openLocalHome;
  const home = await open(names, options, shell, lines.log);
  const result = await backfill(home, stretch, shell);
  for (const { error, exitCode } of result.sources) if (error !== undefined && exitCode !== 1) lines.showFailure(error);
  if (result.load?.error !== undefined) lines.showFailure(result.load.error);
  if (result.sources.slice(home.broken?.length ?? 0).some(({ exitCode }) => exitCode !== 0)) {
    shell.err.write('callhouse: incomplete; run the same command again to continue with the remaining chunks\n');
  }
  shell.out.write(options['json'] ? `${JSON.stringify(result)}\n` : describeBackfill(result));
  return result.exitCode;
}

/** Reads all sources concurrently, then loads once. The notes of what was read are deleted only after everything is loaded. */
async function backfill(home: BackfillHome, stretch: Stretch, shell: Shell): Promise<BackfillResult> {
  const at = new Date();
  const done: { readonly result: AccountBackfill; readonly marks: Marks }[] = [];
  try {
    const runs = home.targets.map((target) => backfillTarget(target, home, { stretch, at, shell }));
    done.push(...(await Promise.all(runs)).flat());
  } finally {
    await home.close();
  }
  const sources = [...(home.broken ?? []).map(brokenResult), ...done.map(({ result }) => result)];
  const load = (await home.load?.()) ?? null;
  for (const { result, marks } of done) if (result.exitCode === 0 && (load?.exitCode ?? 0) === 0) await marks.clear();
  const codes = [...sources, ...(load ? [load] : [])].map(({ exitCode }) => exitCode);
  const { from, to } = stretch.window;
  return {
    at: at.toISOString(),
    from: from.toISOString(),
    to: to.toISOString(),
    dataDir: home.name,
    sources,
    load,
    exitCode: worstOf(codes),
  };
}

/** A source whose declaration is wrong is reported, and the others are read. */
function brokenResult({ name, error: { message, exitCode } }: BrokenSource): AccountBackfill {
  const counts = { chunks: 0, readBefore: 0, requests: 0, records: 0, changed: 0, rejected: 0 };
  return { source: name, account: 'default', ...counts, error: message, exitCode };
}

interface BackfillJob {
  readonly stretch: Stretch;
  readonly at: Date;
  readonly shell: Shell;
}

/** Reads the accounts of a source one after the other, because they share the vendor's rate limit. */
async function backfillTarget(target: RunTarget, home: BackfillHome, { stretch, at, shell }: BackfillJob) {
  const { name: source } = target.source;
  const steps = planSteps(target, stretch);
  const done = [];
  for (const account of target.accounts) {
    const say = (text: string) => shell.err.write(`${nameOf(source, account)}: ${text}\n`);
    const one = await backfillAccount({
      ...home,
      source,
      account,
      steps,
      at,
      onStep: ({ window }, place) => say(`${shown(window.from)} to ${shown(window.to)}, ${place} of ${steps.length}`),
      onBusy: () => say('another run is in progress; waiting for it'),
      onBug: (error) => void printError(error, shell),
    });
    done.push(one);
    if (shell.signal.aborted) break;
  }
  return done;
}

/** `2026-01-31`, with the time if it is not midnight. */
function shown(instant: Date): string {
  return instant
    .toISOString()
    .replace(/T00:00:00\.000Z$/, '')
    .replace(/\.000Z$/, 'Z');
}
