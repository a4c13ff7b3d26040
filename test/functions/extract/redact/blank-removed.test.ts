import { expect, test } from 'vitest';
import { readKnownStream } from '../../../../functions/extract/session/open-session.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { commitsOf } from '../../../helpers/fold-staged.ts';
import { type Kill, Killed, killingStore } from '../../../helpers/killing-store.ts';
import { objectsWith } from '../../../helpers/objects-with.ts';
import { makePorts, type TestPortsOptions } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { solumCall, solumServer } from '../../../helpers/solum-server.ts';

const SAID = 'zq-said-in-confidence';
const ID = { source: 'solum', account: 'default', stream: 'calls' };
const AT = Date.parse('2026-11-01T09:00:00Z');

/** Keys of the objects that hold what the removed call said. */
const holding = (store: MemoryStore) => objectsWith(store, SAID);

function copyOf({ objects }: MemoryStore): MemoryStore {
  const store = memoryStore();
  for (const [key, body] of objects) store.objects.set(key, body);
  return store;
}

/** A lake with several copies of a call that the next run finds removed, runs on copies of it, and the vendor's calls. */
async function aboutToBlank() {
  const calls = [solumCall(0, 0, { summary: SAID }), solumCall(1, 60, { summary: 'stays' })];
  const server = await solumServer(calls);
  const run = (store: MemoryStore, hours: number, more: Partial<TestPortsOptions> = {}) =>
    runSource(
      'solum',
      { at: new Date(AT + hours * 3_600_000), url: server.url, onVendorRemoval: 'blank', tuning: { copiesAtOnce: 1 } },
      makePorts({ store, env: { SOLUM_API_KEY: 'key' }, ...more }),
    );
  const lake = memoryStore();
  await run(lake, 0);
  calls[0] = solumCall(0, 0, { summary: SAID, status: 'done' });
  await run(lake, 1);
  const [gone] = calls.splice(0, 1);
  await run(lake, 80);
  expect((await holding(lake)).length).toBe(4);
  return { calls, gone, lake, run };
}

const stateOf = async (store: MemoryStore) => (await commitsOf(store, ID)).at(-1)?.state;

test('a run that is killed at any effect while it blanks a removed call is completed by the next one', async () => {
  const { lake, run } = await aboutToBlank();
  const whole = killingStore(copyOf(lake));
  expect(await run(whole.store as MemoryStore, 82)).toMatchObject({ exitCode: 0 });
  expect(whole.effects.filter((name) => /^put (raw|staging)/.test(name)).length).toBeGreaterThan(4);
  const kills = whole.effects.map((_, n): Kill => ({ effect: n + 1, when: 'before' }));
  for (const kill of [...kills, { effect: kills.length, when: 'after' } as const]) {
    const store = copyOf(lake);
    const killed = run(killingStore(store, kill).store as MemoryStore, 82);
    await killed.catch((error: unknown) => expect(error).toBeInstanceOf(Killed));
    expect(await run(store, 84)).toMatchObject({ exitCode: 0 });
    expect({ kill, holding: await holding(store) }).toEqual({ kill, holding: [] });
    expect(await stateOf(store)).toMatchObject({ redact: [] });
  }
});

test('copies of a blanked call are emptied as far as time allows, and the rest in the next runs', async () => {
  const { lake, run } = await aboutToBlank();
  const left: number[] = [];
  for (let hours = 82; left.at(-1) !== 0 && hours < 99; hours += 1) {
    let read = 0;
    const store: MemoryStore = {
      ...lake,
      get: (key, range) => {
        if (/^(raw|staging)\//.test(key)) read += 1;
        return lake.get(key, range);
      },
    };
    const { exitCode } = await run(store, hours, { remainingMs: () => (read > 0 ? 0 : 1_000_000) });
    left.push((await holding(lake)).length);
    const { redact } = (await stateOf(lake)) as { redact: readonly string[] };
    expect(exitCode).toBe(redact.length > 0 ? 6 : 0);
  }
  expect(left.length).toBeGreaterThan(3);
  expect(left.at(-1)).toBe(0);
});

test('a call that the vendor lists again before its copies were emptied stays complete', async () => {
  const { calls, gone, lake, run } = await aboutToBlank();
  const whole = killingStore(copyOf(lake));
  await run(whole.store as MemoryStore, 82);
  const effect = whole.effects.findIndex((name) => name.startsWith('put commits')) + 1;
  const killed = run(killingStore(lake, { effect, when: 'after' }).store as MemoryStore, 82);
  await killed.catch(() => undefined);
  expect(await stateOf(lake)).toMatchObject({ redact: ['0'] });
  if (gone) calls.unshift(gone);
  // The next full scan.
  expect(await run(lake, 160)).toMatchObject({ exitCode: 0 });
  expect((await holding(lake)).length).toBe(6);
  expect(await stateOf(lake)).toMatchObject({ redact: [] });
});

test.each([
  { says: 'in memory', tuning: {} },
  { says: 'settled', tuning: { recentRows: 3, mostRecentRows: 6 } },
])(
  'what a blanked call contained is in no part of a digest whose rows are $says, not as a hash either',
  async (given) => {
    const calls = Array.from({ length: 9 }, (_, n) => solumCall(n, n, { summary: `${SAID} ${n}` }));
    const server = await solumServer(calls);
    const store = memoryStore();
    const ports = () => makePorts({ store, env: { SOLUM_API_KEY: 'key' } });
    const run = (hours: number) => {
      const at = new Date(AT + hours * 3_600_000);
      return runSource('solum', { at, url: server.url, onVendorRemoval: 'blank', tuning: given.tuning }, ports());
    };
    const entryOf = async (key: string) => {
      const { digest } = (await readKnownStream(ports(), ID)) ?? {};
      await digest?.entries.load([key]);
      return digest?.entries.get(key);
    };
    await run(0);
    const [gone, stays] = [await entryOf('0'), await entryOf('1')];
    const inDigests = async (text = '') => (await objectsWith(store, text)).filter((key) => key.startsWith('digests/'));
    expect((await inDigests(gone?.contentHash)).length).toBeGreaterThan(0);
    calls.splice(0, 1);
    for (const hours of [80, 82]) expect((await run(hours)).exitCode).toBe(0);
    expect(await inDigests(gone?.contentHash)).toEqual([]);
    expect((await inDigests(stays?.contentHash)).length).toBeGreaterThan(0);
    expect(await entryOf('0')).toMatchObject({ blanked: true, contentHash: '' });
    expect(await entryOf('1')).toEqual(stays);
  },
);
