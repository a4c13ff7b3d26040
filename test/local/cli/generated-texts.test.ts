import { join } from 'node:path';
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { callhouse } from '../../helpers/callhouse.ts';
import { type Planted, type Recipe, recipes } from '../../helpers/planted-texts.ts';
import { plantingVendors } from '../../helpers/planting-vendors.ts';
import { type Everything, readEverything } from '../../helpers/read-everything.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const HOUR_MS = 3_600_000;

/** Runs Callhouse over vendors that send generated texts, then over vendors that refuse with them, and lets it fail on values. */
async function useEverything(made: readonly Recipe[]) {
  const simulators = await startSimulators({ days: 4, callsPerVendor: 16, users: 2, transcripts: 'short' });
  const vendors = await plantingVendors(simulators, made);
  const data = join(await temporaryFolder(), 'data');
  let printed = '';
  const say = async (...args: string[]) => {
    const { stdout, stderr, code } = await callhouse([...args, '--data-dir', data], vendors);
    printed += `${stdout}\n${stderr}\n`;
    return code;
  };
  const run = () => say('run', '--at', simulators.now().toISOString(), '--debug', '--json');
  expect(await run()).toBe(0);
  const stored = vendors.texts.planted();
  simulators.advance(25 * HOUR_MS);
  vendors.refuse();
  expect(await run()).toBeGreaterThan(1);
  expect(await say('query', '--phi', 'select summary::int from callhouse_phi.solum_calls')).toBe(2);
  expect(await say('query', 'select * from calls')).toBe(0);
  const everything = await readEverything(data);
  await simulators.close();
  return { everything, printed, stored, planted: vendors.texts.planted() };
}

const marksIn = (text: string, texts: readonly Planted[]) => texts.filter(({ mark }) => text.includes(mark));

/** Places that hold no text but ids, known words and names that staff chose. */
const SAFE = ['safe', 'main', 'copy', 'copyBytes', 'report', 'state', 'names'] as const satisfies (keyof Everything)[];

test('no generated text that is no id and no name by the rules is anywhere but in the sensitive places', async () => {
  const property = fc.asyncProperty(recipes, async (made) => {
    const { everything, printed, stored, planted } = await useEverything(made);
    const secret = planted.filter(({ isShown }) => !isShown);
    expect(secret.length).toBeGreaterThan(500);
    for (const place of SAFE)
      expect({ place, found: marksIn(everything[place], secret) }).toEqual({ place, found: [] });
    expect(marksIn(printed, secret)).toEqual([]);

    const ofOptedOut = stored.filter(({ isShown, isStored }) => !isShown && !isStored);
    expect(ofOptedOut.length).toBeGreaterThan(0);
    for (const place of ['raw', 'staged', 'phi'] as const)
      expect({ place, found: marksIn(everything[place], ofOptedOut) }).toEqual({ place, found: [] });
    // Controls: the search finds what is there.
    const kept = stored.filter(({ isStored }) => isStored);
    expect(marksIn(everything.phi, kept).length).toBe(kept.length);
    expect(marksIn(everything.safe, kept).length).toBeGreaterThan(10);
  });
  await fc.assert(property, { numRuns: 1, endOnFailure: true });
});
