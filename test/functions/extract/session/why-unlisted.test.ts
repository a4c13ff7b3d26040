import { describe, expect, test } from 'vitest';
import { mayBeRefused, whyUnlisted } from '../../../../functions/extract/session/known-streams.ts';
import type { KnownStream } from '../../../../functions/extract/session/sibling-records.ts';
import { newDigest } from '../../../../functions/lake/digest.ts';
import type { StreamResult } from '../../../../functions/results.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';

/** What is known of the stream `users`: its records, if it was ever read, and the result of this run. */
interface Known {
  readonly users?: readonly string[];
  /** Those that the vendor removed. */
  readonly removed?: readonly string[];
  readonly exitCode?: number;
  readonly option?: string;
}

function why({ users, removed = [], exitCode, option }: Known) {
  const digest = newDigest();
  for (const key of users ?? []) digest.set(key, digestEntry('h'));
  digest.counts();
  for (const key of removed) digest.set(key, digestEntry('h', { deletedAt: 1 }));
  const streams = new Map<string, KnownStream>();
  if (users) streams.set('users', { digest, n: 1, changed: undefined });
  const result = { stream: 'users', exitCode, error: 'no space left' } as unknown as StreamResult;
  const source = { name: 'unit', streams: { users: { skipWhenOptionSet: option } } } as never;
  const ports = { secrets: { describe: (...given: readonly unknown[]) => JSON.stringify(given) } } as never;
  const error = whyUnlisted(
    { source, account: 'north', ports },
    { streams, results: exitCode === undefined ? [] : [result] },
    { stream: 'calls', by: 'users' },
  );
  return error && [error.exitCode, error.message.replace(/^.*because it |, so its records.*$/g, '')];
}

describe('a stream that lists its partitions by users finds none', () => {
  test.each<[Known, readonly unknown[] | undefined]>([
    [{ users: ['u'] }, undefined],
    [{ users: ['u'], exitCode: 3 }, undefined],
    [{ users: [] }, undefined],
    [{ users: ['u', 'v'], removed: ['u'], exitCode: 3 }, undefined],
    [{ users: ['u'], removed: ['u'], exitCode: 3 }, [3, 'could not be read']],
    [{ users: [], exitCode: 0 }, undefined],
    [{ exitCode: 0 }, undefined],
    [{}, [2, 'was never read']],
    [{ exitCode: 3 }, [3, 'could not be read']],
    [{ users: [], exitCode: 4 }, [4, 'could not be read']],
    [{ exitCode: 5 }, [5, 'could not be stored (no space left)']],
    [{ users: [], option: 'UNIT_USERS' }, [4, 'lists none']],
    [{ exitCode: 0, option: 'UNIT_USERS' }, [4, 'lists none']],
    [{ option: 'UNIT_USERS' }, [2, 'was never read']],
  ])('with %j: %j', (known, expected) => {
    expect(why(known)).toEqual(expected);
  });

  test.each([
    { known: { users: [], option: 'UNIT_USERS' }, isNamed: true },
    { known: { exitCode: 4, option: 'UNIT_USERS' }, isNamed: true },
    { known: { exitCode: 4 }, isNamed: false },
    { known: { exitCode: 5, option: 'UNIT_USERS' }, isNamed: false },
  ])('and names the setting that gives the ids, with $known: $isNamed', ({ known, isNamed }) => {
    const source = { name: 'unit', streams: { users: { skipWhenOptionSet: known.option } } } as never;
    const describe = (name: string, account: string, options: readonly string[]) => `${name}/${account}/${options}`;
    const results = known.exitCode === undefined ? [] : [{ stream: 'users', exitCode: known.exitCode } as StreamResult];
    const streams = new Map(known.users && [['users', { digest: newDigest(), n: 1, changed: undefined }]]);
    const account = { source, account: 'north', ports: { secrets: { describe } } as never };
    const error = whyUnlisted(account, { streams, results }, { stream: 'calls', by: 'users' });
    expect(error?.message.includes('unit/north/UNIT_USERS')).toBe(isNamed);
    expect(error?.message).toContain('run unit.users first');
  });
});

test.each([
  { exitCode: undefined, may: true },
  { exitCode: 0, may: true },
  { exitCode: 2, may: true },
  { exitCode: 3, may: true },
  { exitCode: 4, may: true },
  { exitCode: 1, may: false },
  { exitCode: 5, may: false },
  { exitCode: 6, may: false },
  { exitCode: 130, may: false },
] as const)('a list that ended with $exitCode may be refused by the vendor: $may', ({ exitCode, may }) => {
  expect(mayBeRefused(exitCode === undefined ? undefined : { exitCode })).toBe(may);
});
