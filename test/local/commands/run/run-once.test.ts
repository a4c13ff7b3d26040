import { rm } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { Log } from '../../../../functions/ports.ts';
import { parseSettings } from '../../../../functions/settings.ts';
import { listSources } from '../../../../functions/source/registry.ts';
import { runOnce } from '../../../../local/commands/run/run-once.ts';
import { selectTargets } from '../../../../local/commands/run/select-targets.ts';
import { withEnvironment } from '../../../../local/settings/env-settings.ts';
import { demoVendors, envOf } from '../../../helpers/demo-vendors.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';
import { noLog } from '../../../helpers/warehouse.ts';

/** One run of these sources, in which nothing waits for long. */
async function runHastily(
  env: Readonly<Record<string, string>>,
  dataDir: string,
  at: Date,
  {
    timeLimit,
    log = noLog,
    signal,
  }: { readonly timeLimit?: string; readonly log?: Log; readonly signal?: AbortSignal } = {},
) {
  const sources = await listSources();
  const settings = withEnvironment(parseSettings({ timeLimit }, 'settings'), sources, env);
  const targets = selectTargets([], { sources, settings, env });
  const sleep = () => new Promise<void>((resolve) => setTimeout(resolve, 1));
  return runOnce({ targets, sources, at, dataDir, settings, env, log, sleep, signal });
}

describe('runOnce', () => {
  test('a vendor that is down ends the run with 3, and the others still load', async () => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 4, days: 2 });
    const dataDir = join(await temporaryFolder(), 'data');
    const wrong = { ...envOf(env, 'zudu', 'kalem'), KALEM_BASE_URL: 'http://127.0.0.1:1' };
    const result = await runHastily(wrong, dataDir, simulators.now());
    expect(result.exitCode).toBe(3);
    expect(result.sources).toMatchObject([
      {
        source: 'kalem',
        exitCode: 3,
        streams: [{ status: 'failed', error: expect.stringContaining('got no answer') }],
      },
      { source: 'zudu', exitCode: 0 },
    ]);
    expect(result.load).toMatchObject({ exitCode: 0, changed: { 'callhouse.zudu_calls': 4 } });
  });

  test('a source is loaded while another one is still read', async () => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 4, days: 2 });
    const loaded: (string | undefined)[] = [];
    let release = () => {};
    const isLoaded = new Promise<void>((resolve) => {
      release = resolve;
    });
    // Kalem answers once Zudu is in the warehouse.
    const slow = await scriptedServer(() => (response) => {
      const body = { data: [], meta: { current_page: 1, last_page: 1, total: 0 } };
      void isLoaded.then(() => response.end(JSON.stringify(body)));
    });
    const log: Log = (_level, message, fields) => {
      if (message !== 'loaded') return;
      loaded.push(fields?.source);
      release();
    };
    const vendors = { ...envOf(env, 'zudu', 'kalem'), KALEM_BASE_URL: slow.url };
    const result = await runHastily(vendors, join(await temporaryFolder(), 'data'), simulators.now(), { log });
    expect(loaded).toEqual(['zudu', 'kalem']);
    expect(result).toMatchObject({ exitCode: 0, sources: [{ source: 'kalem' }, { source: 'zudu' }] });
    expect(result.load).toMatchObject({ commits: 2, changed: { 'callhouse.zudu_calls': 4 } });
  });

  test.each([
    ['answers byte by byte', (response: ServerResponse) => response.write('{')],
    ['never answers', () => {}],
  ])('a vendor that %s delays neither the extraction nor the load of another', async (_how, drip) => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 4, days: 2 });
    const stuck = await scriptedServer(() => (response) => {
      const dripping = setInterval(() => response.destroyed || drip(response), 20);
      onTestFinished(() => clearInterval(dripping));
    });
    const stop = new AbortController();
    const log: Log = (_level, message) => {
      if (message === 'loaded') stop.abort();
    };
    const vendors = { ...envOf(env, 'zudu', 'kalem'), KALEM_BASE_URL: stuck.url };
    const options = { log, signal: stop.signal };
    const result = await runHastily(vendors, join(await temporaryFolder(), 'data'), simulators.now(), options);
    // Its first requests were still unanswered when the other one was in the warehouse.
    expect(stuck.requests.length).toBeLessThanOrEqual(2);
    expect(result.sources).toMatchObject([
      { source: 'kalem', exitCode: 130 },
      { source: 'zudu', exitCode: 0 },
    ]);
    expect(result).toMatchObject({ exitCode: 130, load: { changed: { 'callhouse.zudu_calls': 4 } } });
  });

  test('vendors that fail now and then do not change the result', async () => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 20, days: 4 });
    simulators.setFaults({ rate: 0.3 });
    const result = await runHastily(env, join(await temporaryFolder(), 'data'), simulators.now());
    expect(result.exitCode).toBe(0);
    expect(result.load.changed).toMatchObject({
      'callhouse.zudu_calls': 20,
      'callhouse.kalem_calls': 20,
      'callhouse.kismet_calls': 20,
    });
  });

  test('also loads earlier commits of another account', async () => {
    const { simulators, env } = await demoVendors({ callsPerVendor: 4, days: 2 });
    const dataDir = join(await temporaryFolder(), 'data');
    const held = { ...envOf(env, 'solum'), CALLHOUSE_LOCK_WAIT_MS: '0' };
    expect((await runHastily(held, dataDir, simulators.now())).load.commits).toBe(1);
    await rm(join(dataDir, 'warehouse.duckdb'));
    const result = await runHastily(envOf(env, 'kalem'), dataDir, simulators.now());
    expect(result.load.changed).toMatchObject({ 'callhouse.solum_calls': 4, 'callhouse.kalem_calls': 4 });
  });
});
