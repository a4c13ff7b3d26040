import { join } from 'node:path';
import type { ExtractResult, LoadResult } from '../../functions/results.ts';
import { type SimulatorOptions, type Simulators, startSimulators } from '../../local/simulators/start-simulators.ts';
import { type Home, makeHome, SOURCES } from '../helpers/home.ts';
import { expectNone } from './report.ts';

/** The same vendors twice, and the local home on the second: what AWS is asked to equal. */
export interface Worlds {
  /** What the deployed Lambdas read. */
  readonly vendors: Simulators;
  /** Lets both worlds live on to an instant. */
  moveTo(at: Date): void;
  /** Makes the local home, once the key of the hashes is known. */
  openHome(hashKey: string): void;
  /** One run of the local home. @throws Error if the run was not complete */
  runHome(at: Date): Promise<void>;
  readonly home: () => Home;
  close(): Promise<void>;
}

/** Starts both worlds; the same options give the same bytes, and requests change nothing in them. */
export async function startWorlds(folder: string, options: SimulatorOptions): Promise<Worlds> {
  const [vendors, twins] = await Promise.all([startSimulators(options), startSimulators(options)]);
  let made: Home | undefined;
  const home = () => {
    if (made === undefined) throw new Error('the local home is not open');
    return made;
  };
  return {
    vendors,
    moveTo(at) {
      for (const world of [vendors, twins]) world.advance(at.getTime() - world.now().getTime());
    },
    openHome(hashKey) {
      made = makeHome(join(folder, 'local'), { env: twins.env, hashKey });
    },
    async runHome(at) {
      const { extracts, load } = await home().run(at);
      expectNone(problemsOf([...extracts, load]));
    },
    home,
    close: async () => {
      await Promise.all([vendors.close(), twins.close()]);
    },
  };
}

/** What went wrong in runs, in words. */
export function problemsOf(results: readonly (ExtractResult | LoadResult)[]): readonly string[] {
  return results
    .filter(({ exitCode }) => exitCode !== 0)
    .map((result) => {
      const streams =
        'streams' in result ? result.streams.map(({ stream, error }) => `${stream}: ${error ?? 'ok'}`) : [];
      const who = 'source' in result ? result.source : 'load';
      return `${who} ended with ${result.exitCode}: ${result.error ?? streams.join('; ')}`;
    });
}

export { SOURCES };
