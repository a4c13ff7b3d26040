import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect } from 'vitest';
import { callhouseHere } from './callhouse-here.ts';
import { demoVendors, envOf } from './demo-vendors.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** What to run. */
export interface FilledOptions {
  readonly settings?: object;
  readonly callsPerVendor?: number;
  /** @default Solum and Zudu */
  readonly sources?: readonly string[];
}

/** A data directory that was run once, with its published copy, and commands on it. */
export async function filledDataDir({
  settings = {},
  callsPerVendor = 12,
  sources = ['solum', 'zudu'],
}: FilledOptions = {}) {
  const { simulators, env: all } = await demoVendors({ callsPerVendor });
  const env = envOf(all, ...sources);
  const cwd = await temporaryFolder();
  const data = join(cwd, 'data');
  await writeFile(join(cwd, 'callhouse.config.json'), JSON.stringify(settings));
  const act = (...args: string[]) => callhouseHere([...args, '--data-dir', data], { env, cwd });
  const run = (...names: string[]) => act('run', ...names, '--json', '--at', simulators.now().toISOString());
  expect(await run()).toMatchObject({ code: 0, stderr: expect.not.stringContaining('copy for BI') });
  const copy = join(data, 'bi', 'callhouse.duckdb');
  return { simulators, cwd, data, copy, act, run, warehouse: join(data, 'warehouse.duckdb') };
}
