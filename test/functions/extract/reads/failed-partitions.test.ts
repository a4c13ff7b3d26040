import { describe, expect, test } from 'vitest';
import { ContractError, OutOfTimeError, SourceUnavailableError } from '../../../../functions/errors.ts';
import { UNIT_AT, unitPartition, unitRead, unitSession } from '../../../helpers/session.ts';

const down = new SourceUnavailableError('down');
const wrong = new ContractError('wrong');
const outcome = (id: string, failure?: Error) =>
  ({
    partition: unitPartition(id),
    keys: new Set(),
    isShort: false,
    isClean: true,
    ...(failure && { failure }),
  }) as never;

test('a read reports each partition that was read, and each failure, to its own budget', async () => {
  const { session } = await unitSession();
  const told: string[] = [];
  const budget = {
    spend: ({ message }: Error) => told.push(message) > 0,
    pass: () => void told.push('read'),
    failure: () => undefined,
  };
  const read = unitRead(session, {}, { budget });
  await read.partitionDone(outcome('a'));
  await read.partitionDone(outcome('b', down));
  await read.partitionDone(outcome('c'));
  expect(told).toEqual(['read', 'down', 'read']);
});

describe('a partition that failed', () => {
  test.each(['parents', 'days'] as const)('is read last in the next read of %s, until it was read', async (kind) => {
    const { session } = await unitSession();
    const read = unitRead(session, { kind });
    const failed = () => session.progress.state().failed;
    await read.partitionDone(outcome('a', down));
    await read.partitionDone(outcome('b', wrong));
    expect(failed()).toEqual(['a', 'b']);
    await read.partitionDone(outcome('a'));
    expect(failed()).toEqual(['b']);
    await read.partitionDone(outcome('c'));
    expect(failed()).toEqual(['b']);
  });

  test('is not noted in a full scan, which has its own list of them, nor if time ran out', async () => {
    const { session } = await unitSession();
    await unitRead(session, { kind: 'sweep' }).partitionDone(outcome('a', down));
    await unitRead(session, { kind: 'days' }).partitionDone(outcome('a', new OutOfTimeError('late')));
    expect(session.progress.state().failed).toBeUndefined();
  });

  test('is one of the last hundred that are remembered', async () => {
    const { session } = await unitSession();
    const failed = Array.from({ length: 100 }, (_, n) => `p${n}`);
    session.progress.updateState({ failed });
    await unitRead(session, { kind: 'days' }).partitionDone(outcome('new', down));
    expect(session.progress.state().failed).toEqual([...failed.slice(1), 'new']);
  });
});

describe('a read that failed', () => {
  const late = new OutOfTimeError('late');
  const ended = async (plan: object, state: object, failure: Error) => {
    const { session } = await unitSession();
    session.progress.updateState(state);
    const read = unitRead(session, plan);
    await read.partitionDone(outcome('a', failure));
    await read.conclude();
    return { due: session.progress.state().sweepDueAt, endsStream: read.endsStream(), hasFailed: read.hasFailed() };
  };
  const resume = { resume: { kind: 'newest', partition: 'a', page: 3 } };

  test.each([
    { says: 'was cut twice in a row', plan: { kind: 'newest' }, state: resume, failure: late, isDue: true },
    { says: 'was cut twice in a window', plan: { kind: 'window' }, state: resume, failure: late, isDue: true },
    {
      says: 'was cut in new lists',
      plan: { kind: 'newest', isOfNewLists: true },
      state: {},
      failure: late,
      isDue: true,
    },
    { says: 'was cut once', plan: { kind: 'newest' }, state: {}, failure: late, isDue: false },
    { says: 'is a backfill', plan: { kind: 'window', backfill: true }, state: resume, failure: late, isDue: false },
    { says: 'is a full scan', plan: { kind: 'sweep' }, state: resume, failure: late, isDue: false },
    { says: 'had no answer', plan: { kind: 'newest' }, state: resume, failure: down, isDue: false },
  ])('and $says makes a full scan due: $isDue', async ({ plan, state, failure, isDue }) => {
    expect((await ended(plan, state, failure)).due).toBe(isDue ? UNIT_AT : undefined);
  });

  test.each([
    { plan: { kind: 'days' }, failure: down, endsStream: true },
    { plan: { kind: 'sweep' }, failure: down, endsStream: false },
    { plan: { kind: 'sweep' }, failure: late, endsStream: true },
  ])('as $plan.kind by $failure ends its stream: $endsStream', async ({ plan, failure, endsStream }) => {
    expect(await ended(plan, {}, failure)).toMatchObject({ endsStream, hasFailed: true });
  });

  test('and only pauses says so in a line, and is no failure', async () => {
    const { session, ports } = await unitSession();
    const read = unitRead(session, {}, { isPause: () => true });
    await read.partitionDone(outcome('a', late));
    await read.conclude();
    expect(session.progress.status()).toBe('ok');
    const fields = { source: 'unit', account: 'default', stream: 'calls' };
    expect(ports.lines).toEqual([{ level: 'info', message: 'late', fields }]);
  });
});

test('a group is listed in its own partition, and in those that the stream says', async () => {
  const partitions = ['x', 'y', 'all'].map(unitPartition);
  const plain = await unitSession();
  expect(unitRead(plain.session, { partitions }).partitionsOf('x')).toEqual(['x']);
  const { session } = await unitSession({ stream: { isListedIn: (_group, id) => id === 'all' } });
  expect(unitRead(session, { partitions }).partitionsOf('x')).toEqual(['x', 'all']);
});
