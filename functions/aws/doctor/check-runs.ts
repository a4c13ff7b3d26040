import type { Commit } from '../../lake/commit.ts';
import { readLastCommit, readState } from '../../lake/commit-log.ts';
import { readProgress } from '../../lake/load-progress.ts';
import { progressKey } from '../../lake/objects.ts';
import { confirmArguments } from '../../lake/removal-confirmation.ts';
import type { Store } from '../../ports.ts';
import { HOUR_MS, MINUTE_MS } from '../../time.ts';
import { athenaIdentity } from '../athena/athena-engine.ts';
import { extractName, loadName, logGroupName, stageName } from '../names.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-check.ts';

/** Longer than two ticks of any reasonable schedule. */
const LATE_MS = HOUR_MS;
/** Longer than two loads. */
const UNLOADED_MS = 3 * HOUR_MS;

/** Checks that each account ran lately without a failure, that no removals are held, and that its commits are loaded. */
export async function checkRuns(store: Store, options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  for (const { name: source, streams } of options.sources) {
    for (const account of options.accounts[source] ?? []) {
      const ids = Object.keys(streams).map((stream) => ({ source, account, stream }));
      const lasts = await Promise.all(ids.map((id) => readLastCommit(store, id)));
      const known = lasts.filter((last) => last !== undefined);
      checks.push(checkLastRuns({ source, account }, known, options));
      checks.push(checkRemovals({ source, account }, known, options));
      for (const last of known) checks.push(...(await checkLoaded(store, last, options)));
    }
  }
  return checks;
}

function checkLastRuns(
  { source, account }: { readonly source: string; readonly account: string },
  lasts: readonly Commit[],
  { stage, now }: DoctorOptions,
): DoctorCheck {
  const check = `runs of ${source}, account ${account}`;
  const lambda = extractName(stage, source, account);
  const failed = (remedy: string): DoctorCheck => ({
    check,
    ok: false,
    remedy: `${remedy} ${logOf(stage, lambda, 1)}`,
  });
  if (lasts.length === 0) return failed('none yet; store the credentials, wait for the next tick, then see');
  const latest = Math.max(...lasts.map(({ endedAt }) => Date.parse(endedAt)));
  if (now() - latest > LATE_MS) {
    const schedule = `aws scheduler get-schedule --group-name ${stageName(stage)} --name ${lambda}`;
    const minutes = Math.round((now() - latest) / MINUTE_MS);
    return failed(`none for ${minutes} minutes; is the schedule enabled (${schedule})? see`);
  }
  const streams = lasts.filter(({ status }) => status === 'failed').map(({ stream }) => stream);
  return streams.length === 0 ? { check, ok: true } : failed(`the last run failed for ${streams.join(', ')}; see`);
}

function checkRemovals(
  { source, account }: { readonly source: string; readonly account: string },
  lasts: readonly Commit[],
  { stage }: DoctorOptions,
): DoctorCheck {
  const check = `removals of ${source}, account ${account}`;
  const remedies = lasts.flatMap((last) => {
    const { held } = readState(last, last);
    if (!held) return [];
    const since = new Date(held.scan).toISOString();
    const command = `callhouse ${confirmArguments(last)} --aws --stage ${stage}`;
    return [`${held.count} of ${last.stream} are held since ${since}; if they are gone at the vendor: ${command}`];
  });
  return remedies.length === 0 ? { check, ok: true } : { check, ok: false, remedy: remedies.join('; ') };
}

/** One failed check if the stream's last commit has waited too long to be loaded; otherwise none. */
async function checkLoaded(store: Store, last: Commit, options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const { stage, now } = options;
  const warehouse = athenaIdentity(options.databasePrefix);
  const { n } = await readProgress(store, warehouse, last, () => {});
  if (n >= last.n || now() - Date.parse(last.endedAt) < UNLOADED_MS) return [];
  const check = `load of ${last.source}.${last.stream}, account ${last.account}`;
  const seen = `commit ${last.n} is not loaded (${progressKey(warehouse, last)} says ${n})`;
  return [{ check, ok: false, remedy: `${seen}; see ${logOf(stage, loadName(stage), 3)}` }];
}

/** The command that shows a Lambda's log of the last hours. */
function logOf(stage: string, lambda: string, hours: number): string {
  return `aws logs tail ${logGroupName(stage, lambda)} --since ${hours}h`;
}
