import { setTimeout } from 'node:timers/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { AlreadyRunningError } from '../../../../functions/errors.ts';
import { takeLease } from '../../../../functions/lake/lease.ts';
import { load } from '../../../../functions/load/load.ts';
import type { Store } from '../../../../functions/ports.ts';
import { findSource } from '../../../../functions/source/registry.ts';
import { MINUTE_MS } from '../../../../functions/time.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';
import { solumCalls, solumServer } from '../../../helpers/solum-server.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';
import { noLog, testWarehouse } from '../../../helpers/warehouse.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const env = { SOLUM_API_KEY: 'k' };

/** Ports of a process that is alive, and whose minutes are so short, ms. */
function fastPorts(store: Store, shortMinute: number) {
  const begun = performance.now();
  const renewals: number[] = [];
  const counting: Store = {
    ...store,
    put: (key, ...rest) => {
      if (key.endsWith('.renewed')) renewals.push(performance.now());
      return store.put(key, ...rest);
    },
  };
  const stop = new AbortController();
  const plain = makePorts({ store: counting, env, process: { isGone: () => false }, signal: stop.signal });
  const ports = {
    ...plain,
    now: () => AT + ((performance.now() - begun) / shortMinute) * MINUTE_MS,
    // On a busy machine, a part of a minute may be over before a byte comes.
    timer: (ms: number, fire: () => void) => plain.timer(ms < MINUTE_MS ? ms : (ms / MINUTE_MS) * shortMinute, fire),
    sleep: (ms: number) => setTimeout((ms / MINUTE_MS) * shortMinute),
  };
  return { ports, renewals, stop };
}

describe('a lease is renewed each minute', () => {
  test('while a vendor answers byte by byte, so that a second run waits its turn however long that takes', async () => {
    const drips = new Set<NodeJS.Timeout>();
    onTestFinished(() => drips.forEach(clearInterval));
    const { url } = await scriptedServer(() => (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      drips.add(setInterval(() => response.destroyed || response.write(' '), 5));
    });
    const { ports, stop } = fastPorts(memoryStore(), 300);
    const running = runSource('solum', { at: new Date(AT), url }, ports);
    while (ports.now() - AT < 6.5 * MINUTE_MS) await setTimeout(10);
    await expect(takeLease('solum', 'default', ports)).rejects.toThrow(AlreadyRunningError);
    stop.abort();
    expect(await running).toMatchObject({ exitCode: 130 });
    await (await takeLease('solum', 'default', ports)).release();
  });

  test('while its process loads', async () => {
    const { url } = await solumServer(solumCalls(3000, 1));
    const warehouse = testWarehouse(await temporaryFolder());
    const shortMinute = 20;
    const { ports, renewals } = fastPorts(warehouse.store, shortMinute);
    const options = { at: new Date(AT), url, pageSize: 1000 };
    expect(await runSource('solum', options, makePorts({ store: warehouse.store, env }))).toMatchObject({
      exitCode: 0,
    });
    const lease = await takeLease('kalem', 'default', ports);
    const engine = warehouse.open();
    onTestFinished(() => engine.close());
    const { streams } = await findSource('solum');
    const plan = {
      streams: Object.entries(streams).map(([stream, { tables }]) => ({ source: 'solum', stream, tables })),
      accounts: { solum: ['default'] },
    };
    // On a busy machine a timer fires less often, so the renewals are compared with another timer of this process.
    let minutes = 0;
    const clock = setInterval(() => {
      minutes += 1;
    }, shortMinute);
    onTestFinished(() => clearInterval(clock));
    const loaded = await load(plan, { store: warehouse.store, engine, log: noLog, now: Date.now });
    expect(loaded).toMatchObject({ exitCode: 0, changed: { 'callhouse.solum_calls': 3000 } });
    expect(minutes).toBeGreaterThan(3);
    expect(renewals.length).toBeGreaterThan(minutes / 4);
    await lease.release();
  });

  test('while a page of many records is taken: after each 10,000, what waits has its turn', async () => {
    const calls = solumCalls(25_000, 0);
    const { url } = await scriptedServer(() => ({
      json: { data: calls, pagination: { total: calls.length, has_more: false } },
    }));
    const ports = makePorts({ env });
    expect(await runSource('solum', { at: new Date(AT), url }, ports)).toMatchObject({
      exitCode: 0,
      streams: [{ changed: 25_000 }],
    });
    expect(ports.clock.waits.filter((ms) => ms === 0)).toHaveLength(2);
  });
});
