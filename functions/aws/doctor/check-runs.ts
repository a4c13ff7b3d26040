import { databasesOf } from '../../../schemas/derive/databases.ts';
import type { Commit } from '../../lake/commit.ts';
import { readLastCommit } from '../../lake/commit-log.ts';
import type { StreamId } from '../../lake/keys.ts';
import { progressKey } from '../../lake/keys.ts';
import { readProgress } from '../../lake/load-progress.ts';
import type { Store } from '../../ports.ts';
import { MINUTE_MS } from '../../time.ts';
import type { DoctorCheck, DoctorOptions } from './doctor-aws.ts';

/** Longer than two ticks of the schedule, however late. */
const LATE_MS = 60 * MINUTE_MS;
/** Longer than two loads. */
const UNLOADED_MS = 180 * MINUTE_MS;

/** Each account runs, its runs are whole, and what it staged is loaded. */
export async function checkRuns(store: Store, options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const checks: DoctorCheck[] = [];
  for (const { name: source, streams } of options.sources) {
    for (const account of options.accounts[source] ?? []) {
      const ids = Object.keys(streams).map((stream) => ({ source, account, stream }));
      const lasts = await Promise.all(ids.map((id) => readLastCommit(store, id)));
      const known = lasts.filter((last) => last !== undefined);
      checks.push(describeRuns({ source, account, stream: '' }, known, options));
      for (const last of known) checks.push(...(await checkLoaded(store, last, options)));
    }
  }
  return checks;
}

function describeRuns(
  { source, account }: StreamId,
  lasts: readonly Commit[],
  { stage, now }: DoctorOptions,
): DoctorCheck {
  const check = `runs of ${source}, account ${account}`;
  const lambda = `callhouse-${stage}-extract-${source}-${account}`;
  const log = `aws logs tail /callhouse/${stage}/${lambda} --since 1h`;
  if (lasts.length === 0)
    return { check, ok: false, remedy: `none yet; put the credentials in, wait for the next tick, then see ${log}` };
  const latest = Math.max(...lasts.map(({ endedAt }) => Date.parse(endedAt)));
  if (now() - latest > LATE_MS) {
    const schedule = `aws scheduler get-schedule --group-name callhouse-${stage} --name ${lambda}`;
    const minutes = Math.round((now() - latest) / MINUTE_MS);
    return {
      check,
      ok: false,
      remedy: `none for ${minutes} minutes; is the schedule enabled (${schedule})? see ${log}`,
    };
  }
  const failed = lasts.filter(({ status }) => status === 'failed').map(({ stream }) => stream);
  if (failed.length === 0) return { check, ok: true };
  return { check, ok: false, remedy: `the last run failed for ${failed.join(', ')}; see ${log}` };
}

/** Said only of streams whose last commits wait for long. */
async function checkLoaded(store: Store, last: Commit, options: DoctorOptions): Promise<readonly DoctorCheck[]> {
  const { stage, now } = options;
  const warehouse = `athena-${databasesOf(options.databasePrefix).safe}`;
  const { n } = await readProgress(store, warehouse, last, () => {});
  if (n >= last.n || now() - Date.parse(last.endedAt) < UNLOADED_MS) return [];
  const check = `load of ${last.source}.${last.stream}, account ${last.account}`;
  const log = `aws logs tail /callhouse/${stage}/callhouse-${stage}-load --since 3h`;
  return [
    {
      check,
      ok: false,
      remedy: `commit ${last.n} is not loaded (${progressKey(warehouse, last)} says ${n}); see ${log}`,
    },
  ];
}
