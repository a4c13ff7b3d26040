import { describe, expect, test } from 'vitest';
import { readState } from '../../../functions/lake/commit-log.ts';
import { streamsToLoad } from '../../../functions/load/plan.ts';
import { decideNames, noKeys, noteNames, renameIn } from '../../../functions/rotate/renamed-keys.ts';
import { rotateHashKey } from '../../../functions/rotate/rotate-hash-key.ts';
import { findSource } from '../../../functions/source/registry.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { thisProcess } from '../../../local/ports/this-process.ts';
import { commitsOf, foldSource, rowsOf } from '../../helpers/fold-staged.ts';
import { call, texts } from '../../helpers/opted-out.ts';
import { makePorts } from '../../helpers/ports.ts';
import { runSource, totalsOf } from '../../helpers/run-source.ts';
import { ZUDU_ENV, zuduServer } from '../../helpers/zudu-server.ts';

const FIRST = 'the first key of this test, long enough';
const SECOND = 'the second key of this test, long enough';
const THIRD = 'the third key of this test, long enough';
const ID = { source: 'zudu', account: 'default', stream: 'calls' };
const NAME = /~[0-9a-f]{32}(?![0-9a-f])/g;

/** A lake with an id and a key that are none, one of them of a call that opted out, and with a word that is not earned yet. */
async function lake() {
  const store = memoryStore();
  const shown = call('Jane Doe', false, { id: 'of Jane', call_status: 'PAUSED' });
  const server = await zuduServer([shown, call('Max Roe', true), call('plain', false)]);
  const run = async (hour: number, hashKey: string) => {
    const ports = { ...makePorts({ store, env: ZUDU_ENV }), hashKey: async () => hashKey };
    const options = { at: `2026-11-0${1 + Math.floor(hour / 24)}T${String(hour % 24).padStart(2, '0')}:00:00Z` };
    return totalsOf(await runSource('zudu', { ...options, url: server.url }, ports));
  };
  const rotate = async (hashKey: string) => {
    const plan = { streams: streamsToLoad([await findSource('zudu')]), accounts: { zudu: ['default'] } };
    const ports = makePorts({ store });
    return rotateHashKey(
      { plan, newKey: async () => hashKey },
      {
        ...ports,
        engine: undefined,
        random: Math.random,
        now: () => Date.parse('2026-11-01T12:00:00Z'),
        process: thisProcess(),
      },
    );
  };
  const keys = async () => [...rowsOf(await foldSource(store, 'zudu'), 'zudu_calls').keys()].sort();
  return { store, run, rotate, keys };
}

/** All names in the store. */
const namesIn = (store: Awaited<ReturnType<typeof lake>>['store']) =>
  new Set([...texts(store).values()].flatMap((text) => text.match(NAME) ?? []));

describe('a rotation of keys that do not show their text', () => {
  test('renames them in digest, raw pages, staged files and state; the next run knows the record again', async () => {
    const { store, run, rotate, keys } = await lake();
    await run(9, FIRST);
    const before = await keys();
    const earlier = namesIn(store);
    expect(before.filter((key) => key.startsWith('~'))).toHaveLength(2);
    expect(earlier.size).toBeGreaterThan(1);
    const { keys: renamed } = await rotate(SECOND);
    expect(renamed).toMatchObject({ renamed: earlier.size });
    expect((await commitsOf(store, ID)).at(-1)).toMatchObject({ n: 2, staged: [], backfill: true });
    for (const name of namesIn(store)) expect(earlier.has(name)).toBe(false);
    const after = await keys();
    expect(after).toHaveLength(3);
    expect(after.filter((key) => before.includes(key))).toEqual(['plain']);
    await run(10, SECOND);
    // Of the call that opted out, nothing is stored that its id could be hashed from: it has a second row.
    expect(await keys()).toEqual(expect.arrayContaining(after));
    expect(await keys()).toHaveLength(4);
  });

  test('counts words that are not earned anew, because their hashes are of the earlier key', async () => {
    const { store, run, rotate } = await lake();
    await run(9, FIRST);
    const pendingOf = async () =>
      (await commitsOf(store, ID)).flatMap((commit) =>
        Object.values(readState(commit, ID).words ?? {}).flatMap(({ pending }) => Object.keys(pending)),
      );
    expect(await pendingOf()).not.toEqual([]);
    await rotate(SECOND);
    expect(await pendingOf()).toEqual([]);
  });
});

describe('the new names', () => {
  const name = `~${'0'.repeat(32)}`;
  const other = `~${'1'.repeat(32)}`;
  const found = () => {
    const keys = noKeys();
    expect(noteNames(`["e","${name}",{"a":"${other}"}]`, keys)).toBe(true);
    keys.texts.set(name, 'Jane Doe');
    return keys;
  };

  test('are those that the next run gives, where the text is stored, and keep the length of a text', async () => {
    const renamed = await decideNames(memoryStore(), found(), SECOND);
    expect(renamed.get(name)).toMatch(/^~[0-9a-f]{32}$/);
    expect(new Set([name, other, ...renamed.values()]).size).toBe(4);
    expect(renameIn(`"${name}" and ${'a'.repeat(3)}`, renamed)).toBe(`"${renamed.get(name)}" and aaa`);
  });

  test('are kept until the rotation has ended: after a kill, the same ones are given, and a third key renames both', async () => {
    const store = memoryStore();
    const second = await decideNames(store, found(), SECOND);
    // What was renamed already has no text that leads to it.
    expect(await decideNames(store, noKeys(), SECOND)).toEqual(second);
    const left = noKeys();
    noteNames([...second.values()].join(), left);
    left.texts.set(String(second.get(name)), 'Jane Doe');
    const third = await decideNames(store, left, THIRD);
    const direct = await decideNames(memoryStore(), found(), THIRD);
    expect(third.get(name)).toBe(direct.get(name));
    expect(third.get(String(second.get(name)))).toBe(direct.get(name));
    expect(third.get(other)).toBe(third.get(String(second.get(other))));
  });
});
