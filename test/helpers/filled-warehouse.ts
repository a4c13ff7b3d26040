import { onTestFinished } from 'vitest';
import type { Engine } from '../../functions/ports.ts';
import { mergeText } from '../../schemas/derive/merge.ts';
import { sampleCalls } from './sample-table.ts';
import { stageRows } from './staging.ts';
import { temporaryFolder } from './temporary-folder.ts';
import { type TestWarehouse, testWarehouse } from './warehouse.ts';

/** The one stream of {@link filledWarehouse}. */
export const SAMPLE = { source: 'sample', account: 'default', stream: 'calls' };
/** The first load of {@link filledWarehouse}. */
export const FIRST_LOAD = {
  account: 'default',
  loadIds: ['load-calls-1'],
  days: ['2026-03-01'],
  partFrom: '2026-03-01',
  partTo: '2026-03-01',
  removals: false,
};

/** Opens the engine and closes it when the test ends. */
export function closing<E extends Engine>(engine: E): E {
  onTestFinished(() => engine.close());
  return engine;
}

/** A data directory without a warehouse file. */
export async function freshWarehouse(): Promise<TestWarehouse> {
  return testWarehouse(await temporaryFolder());
}

/** A closed warehouse file that holds one row, of status SECRET. */
export async function filledWarehouse(): Promise<TestWarehouse> {
  const warehouse = await freshWarehouse();
  const engine = warehouse.open();
  await engine.prepare([sampleCalls]);
  const file = await stageRows(warehouse.store, sampleCalls, SAMPLE, { n: 1 }, [
    { id: 'a', order: 1n, status: 'SECRET' },
  ]);
  await engine.stage(sampleCalls, [file]);
  await engine.execute(mergeText(sampleCalls, 'safe', FIRST_LOAD));
  await engine.close();
  return warehouse;
}
