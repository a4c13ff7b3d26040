import type { LoadResult } from '../../functions/results.ts';
import { expect, expectNone } from './report.ts';
import { expectSameTables, failuresOf, LOAD, type RunState } from './run-state.ts';

/** Ticks 6 to 9, in which nothing goes wrong; the tenth is that of the second deployment. */
export async function furtherTicks(state: RunState): Promise<void> {
  const { report, standin, worlds, timeline, cloud } = state;
  const { sixth, seventh, eighth, ninth } = timeline.ticks;
  for (const [place, at] of [sixth, seventh, eighth, ninth].entries()) {
    const tick = `tick ${6 + place}`;
    worlds.moveTo(at);
    await report.check(
      `${tick}: the Scheduler fires extractors and loader, and one more load brings the rest`,
      async () => {
        await standin.settle();
        await standin.setClock(at);
        expectNone(failuresOf(await standin.settle()));
        const { exitCode, error = '' } = await cloud.invoke<LoadResult>(LOAD);
        expect(exitCode === 0, `the load ended with ${exitCode}: ${error}`);
      },
    );
    await worlds.runHome(at);
    await report.check(`${tick}: every table equals the local home, row for row`, () => expectSameTables(state));
  }
}
