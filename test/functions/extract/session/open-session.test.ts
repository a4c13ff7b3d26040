import { describe, expect, test, vi } from 'vitest';
import { AlreadyRunningError, StateError } from '../../../../functions/errors.ts';
import { commitStream } from '../../../../functions/extract/commit/commit-stream.ts';
import { openSession, readKnownStream } from '../../../../functions/extract/session/open-session.ts';
import type { StreamId } from '../../../../functions/lake/objects.ts';
import type { Store } from '../../../../functions/ports.ts';
import { type MemoryStore, memoryStore } from '../../../../local/lake/memory-store.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { entry } from '../../../helpers/read-one.ts';
import { UNIT_AT, unitSession, unitStream } from '../../../helpers/session.ts';

const ID: StreamId = { source: 'unit', account: 'default', stream: 'calls' };

/** A stream with so many commits, each with a digest object of its own. */
async function streamOf(commits: number) {
  const store = memoryStore();
  const { session } = await unitSession({ store });
  for (let n = 1; n <= commits; n += 1) {
    session.digest.set(`k${n}`, entry({ alias: `alias-${n}` }));
    session.progress.updateState({ order: `order-${n}` });
    await commitStream(session, 'ok');
  }
  return { store, session };
}

/** A store in which something happens just before the first digest object is read. */
function interposed(store: MemoryStore, act: () => Promise<void>): Store {
  let happened = false;
  return {
    ...store,
    get: async (key, range) => {
      if (key.startsWith('digests/') && !happened) {
        happened = true;
        await act();
      }
      return store.get(key, range);
    },
  };
}

describe('a session', () => {
  test('begins with the state of the last commit', async () => {
    const { store } = await streamOf(2);
    const { session } = await unitSession({ store });
    expect([...session.digest.entries.recent.keys()]).toEqual(['k1', 'k2']);
    expect(session.digest.changed()).toBe(0);
    expect(session.progress.state().order).toBe('order-2');
    expect(session.progress.next().n).toBe(3);
    expect(session.progress.digests()).toHaveLength(2);
  });

  test.each([
    { says: 'an earlier version, which holds keys as they were served', isEarlier: true },
    { says: 'this version', isEarlier: false },
  ])('of a stream whose last commit is of $says files keys anew: $isEarlier', async ({ isEarlier }) => {
    const store = memoryStore();
    const before = await unitSession({ store });
    before.session.digest.set('Jane Doe', entry());
    await commitStream(before.session, 'ok');
    const [key = ''] = [...store.objects.keys()].filter((one) => one.startsWith('commits/'));
    const { crc32: _, ...commit } = JSON.parse(Buffer.from(store.objects.get(key) ?? []).toString());
    expect(commit.state.named).toBeDefined();
    if (isEarlier) delete commit.state.named;
    store.objects.set(key, Buffer.from(JSON.stringify(commit)));
    const { session } = await unitSession({ store });
    const held = session.texts.keyPart(unitStream.tables[0].columns['id'])('Jane Doe');
    expect(session.digest.entries.recent.has(held)).toBe(isEarlier);
    expect(session.digest.entries.get('Jane Doe')?.deletedAt !== undefined).toBe(isEarlier);
  });

  test('of a stream that never ran begins with an empty state, which knows the number of its first commit', async () => {
    const { session } = await unitSession();
    expect([session.digest.entries.recent.size, session.progress.next().n]).toEqual([0, 1]);
    expect(session.progress.state()).toEqual({ began: 1, tiers: {}, redact: [] });
  });

  test('warns of each thing once', async () => {
    const { session, ports } = await unitSession();
    for (const message of ['one', 'two', 'one']) session.warnOnce(message);
    expect(ports.lines).toEqual(['one', 'two'].map((message) => ({ level: 'warn', message, fields: ID })));
  });
});

describe('names of changed records', () => {
  /** A stream that has the same parent, or none of them follows. */
  const following = (parent: string) => ({
    ...unitStream,
    kind: 'per-parent',
    parent,
    readAtAges: [],
    thenEvery: '1d',
  });

  test.each([
    { says: 'follows it', others: { lists: following('calls') }, isFollowed: true },
    { says: 'follows another', others: { lists: following('users') }, isFollowed: false },
    { says: 'follows nothing', others: { users: unitStream }, isFollowed: false },
  ])('are kept for a stream that $says: $isFollowed', async ({ others, isFollowed }) => {
    const { session } = await unitSession();
    const source = { ...session.source, streams: { ...session.source.streams, ...others } } as never;
    expect((await openSession({ ...session, source }, 'calls', unitStream)).isFollowed).toBe(isFollowed);
  });
});

describe('a digest object', () => {
  test('that is missing is an error if no other run has committed', async () => {
    const { store } = await streamOf(2);
    const gone = [...store.objects.keys()].filter((key) => key.startsWith('digests/'));
    store.objects.delete(gone[0] ?? '');
    const opening = unitSession({ store });
    await expect(opening).rejects.toThrow(StateError);
    await expect(opening).rejects.toThrow(`${gone[0]} is missing in memory, but a commit names it`);
  });

  test('that is missing stops the run without advice if another run has committed since', async () => {
    const { store, session } = await streamOf(24);
    const raced = interposed(store, async () => {
      session.digest.set('k25', entry());
      await commitStream(session, 'ok');
    });
    const opening = unitSession({ ports: makePorts({ store: raced, clock: { ms: UNIT_AT } }) });
    await expect(opening).rejects.toThrow(AlreadyRunningError);
    await expect(opening).rejects.toThrow(
      /^unit\.calls: another run committed at the same time; this run stopped, and the other continues$/,
    );
    // The next run opens it.
    expect((await unitSession({ store })).session.digest.entries.recent.size).toBe(25);
  });

  test('that is damaged is an error, even if another run has committed', async () => {
    const { store, session } = await streamOf(2);
    const [key = ''] = [...store.objects.keys()].filter((one) => one.startsWith('digests/'));
    store.objects.set(key, Buffer.from('no gzip'));
    const raced = interposed(store, () => commitStream(session, 'ok'));
    const opening = unitSession({ ports: makePorts({ store: raced, clock: { ms: UNIT_AT } }) });
    await expect(opening).rejects.toThrow(`${key} in memory is damaged`);
    await expect(opening).rejects.not.toThrow(AlreadyRunningError);
  });
});

test('a text that a run years ahead began to show is read again once, not until then', async () => {
  const { store, session } = await streamOf(1);
  session.progress.updateState({ rereadAt: UNIT_AT + 900 * 86_400_000 });
  vi.spyOn(session.texts, 'state').mockReturnValue({});
  await commitStream(session, 'ok');
  expect((await unitSession({ store })).session.progress.state().rereadAt).toBe(UNIT_AT - 1);
});

describe('the digest of a stream', () => {
  test('can be read without running the stream', async () => {
    const { store } = await streamOf(2);
    const digest = (await readKnownStream(makePorts({ store }), ID))?.digest;
    expect([...(digest?.entries.recent.keys() ?? [])]).toEqual(['k1', 'k2']);
  });

  test('does not exist before the stream first ran', async () => {
    expect(await readKnownStream(makePorts(), ID)).toBeUndefined();
  });

  test('cannot be read while another run commits, and the run stops without advice', async () => {
    const { store, session } = await streamOf(24);
    const raced = interposed(store, async () => {
      session.digest.set('k25', entry());
      await commitStream(session, 'ok');
    });
    await expect(readKnownStream(makePorts({ store: raced }), ID)).rejects.toThrow(AlreadyRunningError);
  });
});
