import { expect, test } from 'vitest';
import { AlreadyRunningError, ConfigError } from '../../../functions/errors.ts';
import { readLastCommit } from '../../../functions/lake/commit-log.ts';
import { whileHeld } from '../../../functions/lake/hold-accounts.ts';
import { takeLease } from '../../../functions/lake/lease.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { makePorts } from '../../helpers/ports.ts';
import { putSmallCommit } from '../../helpers/small-commit.ts';

const place = () => {
  const store = memoryStore();
  return { store, ports: { ...makePorts({ store, process: { isGone: () => false } }), timer: () => () => {} } };
};
const NAMES = [
  ['kalem', 'default'],
  ['solum', 'north'],
] as const;

test('no run of the accounts can begin while work is done; afterwards it can, also if the work fails', async () => {
  const { ports } = place();
  const isHeld = async ([source, account]: readonly [string, string]) => {
    const lease = await takeLease(source, account, ports).catch(() => undefined);
    await lease?.release();
    return lease === undefined;
  };
  const held: boolean[] = [];
  const work = async () => {
    for (const name of NAMES) held.push(await isHeld(name));
    held.push(await isHeld(['zudu', 'default']));
    return 'done';
  };
  expect(await whileHeld(NAMES, ports, { wait: 'it is done', work })).toBe('done');
  expect(held).toEqual([true, true, false]);
  await expect(whileHeld(NAMES, ports, { wait: 'x', work: () => Promise.reject(new Error('no')) })).rejects.toThrow(
    'no',
  );
  for (const name of NAMES) expect(await isHeld(name)).toBe(false);
});

test('work does not begin while a run is in progress, whose account is named', async () => {
  const { ports } = place();
  const lease = await takeLease('solum', 'north', ports);
  let isDone = false;
  const work = async () => {
    isDone = true;
  };
  const holding = whileHeld(NAMES, ports, { wait: 'the key is rotated', work });
  await expect(holding).rejects.toThrow(ConfigError);
  await expect(holding).rejects.toMatchObject({ context: { source: 'solum', account: 'north' } });
  await expect(holding).rejects.toThrow('pause the schedule until the key is rotated');
  expect(isDone).toBe(false);
  // The account that was held before is free again.
  await (await takeLease('kalem', 'default', ports)).release();
  await lease.release();
});

test('only after a run that did not release its lease, each log gets a commit that keeps that run from committing', async () => {
  const { store, ports } = place();
  const id = { source: 'kalem', account: 'default', stream: 'calls' };
  await putSmallCommit(store, id, 1, new Date('2026-11-01T09:00:00Z'));
  const lastNumber = async () => (await readLastCommit(store, id))?.n;
  const hold = () => whileHeld(NAMES, ports, { wait: 'x', work: lastNumber });
  expect(await hold()).toBe(1);
  await takeLease('kalem', 'default', ports);
  const isGone = { ...ports, process: { ...ports.process, isGone: () => true } };
  expect(await whileHeld(NAMES, isGone, { wait: 'x', work: lastNumber })).toBe(2);
});

test('another run that is noticed while work is done is a failure', async () => {
  const { ports } = place();
  const work = () => Promise.reject(new AlreadyRunningError('another run committed first'));
  const holding = whileHeld(NAMES, ports, { wait: 'the key is rotated', work });
  await expect(holding).rejects.toThrow(ConfigError);
  await expect(holding).rejects.toThrow('pause the schedule until the key is rotated');
});

test('work that was suspended says that it is not complete if a run has begun since', async () => {
  const { store, ports } = place();
  const work = async (_held: typeof ports, check: () => Promise<void>) => {
    // A process that finds the holder gone, for example in another container of the same name.
    const lease = await takeLease('solum', 'north', makePorts({ store, process: { isGone: () => true } }));
    await lease.release();
    await check();
  };
  const holding = whileHeld(NAMES, ports, { wait: 'the key is rotated', work });
  await expect(holding).rejects.toThrow(ConfigError);
  await expect(holding).rejects.toThrow('until the key is rotated, and run this again: it is not complete');
});
