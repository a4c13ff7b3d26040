import type { LoadResult } from '../../functions/results.ts';
import { expect, expectNone } from './report.ts';
import { expectSameTables, extractorOf, LOAD, MAINTAIN, type RunState } from './run-state.ts';

/** So many versions of each table are left by the maintenance. */
const KEPT = 10;
/** Room for those, the present one, and the two that compaction makes. */
const QUOTA = KEPT + 4;

/** Versions that Glue keeps of tables: the maintenance prunes them, also after the quota has stopped a load. */
export async function pruneVersions(state: RunState): Promise<void> {
  const { report, standin, cloud, timeline } = state;
  const at = { at: timeline.ticks.ninth.toISOString() };
  await report.check(`Glue keeps at most ${KEPT} versions of each table after the maintenance`, async () => {
    const { exitCode, error = '' } = await cloud.invoke<LoadResult>(MAINTAIN, at);
    expect(exitCode === 0, `it ended with ${exitCode}: ${error}`);
    return keptVersions(state);
  });
  await report.check('at the quota of versions, a load returns 5 and throws nothing', async () => {
    await standin.setVersionQuota(QUOTA);
    let ended = await loadSome(state);
    for (let load = KEPT; load <= QUOTA && ended.exitCode === 0; load += 1) ended = await loadSome(state);
    expect(ended.exitCode === 5 && /HIVE_METASTORE_ERROR/.test(ended.error ?? ''), JSON.stringify(ended));
    expect(ended.behind !== undefined, 'it does not say which stream is behind');
    return `${ended.behind.source}.${ended.behind.stream} is behind`;
  });
  await report.check('the next maintenance prunes, and the next load then saves what that one merged', async () => {
    const { exitCode, error = '' } = await cloud.invoke<LoadResult>(MAINTAIN, at);
    expect(exitCode === 0, `the maintenance ended with ${exitCode}: ${error}`);
    await standin.setVersionQuota(100_000);
    const ended = await cloud.invoke<LoadResult>(LOAD);
    expect(ended.exitCode === 0 && ended.commits > 0, JSON.stringify(ended));
    await expectSameTables(state, { loads: 'all', rejects: 'all' });
    return keptVersions(state);
  });
}

/** A run of one account makes a commit, changed or not; the load of it changes `loads`. */
async function loadSome({ cloud, timeline }: RunState): Promise<LoadResult> {
  const at = timeline.ticks.ninth.toISOString();
  await cloud.invoke(extractorOf('kalem'), { source: 'kalem', account: 'default', at });
  return cloud.invoke<LoadResult>(LOAD);
}

async function keptVersions({ standin }: RunState): Promise<string> {
  const { kept, most } = await standin.versions();
  const ours = Object.entries(kept).filter(([name]) => /^callhouse(_phi)?\./.test(name));
  expectNone(ours.flatMap(([name, count]) => (count > KEPT + 1 ? [`${name}: ${count} versions`] : [])));
  const [name, count] = Object.entries(most).sort(([, a], [, b]) => b - a)[0] ?? [];
  return `${ours.length} tables, the most at any time ${count} of ${name}`;
}
