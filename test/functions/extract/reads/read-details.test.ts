import { describe, expect, test } from 'vitest';
import {
  ContractError,
  CredentialsError,
  OutOfTimeError,
  SourceUnavailableError,
} from '../../../../functions/errors.ts';
import { detailsBudget, readDetails } from '../../../../functions/extract/reads/read-details.ts';
import { carryOut } from '../../../helpers/carry-out.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { UNIT_AT } from '../../../helpers/session.ts';

const budget = () => detailsBudget({ source: 'unit', account: 'default', stream: 'calls' });
const wrong = new ContractError('wrong');
const down = new SourceUnavailableError('down');

/** How many failures in a row a read survives. @param fails the n-th failure */
function survived(fails: (n: number) => Error, between: (own: ReturnType<typeof budget>) => void = () => {}): number {
  const own = budget();
  for (let n = 0; n < 1000; n += 1) {
    if (!own.spend(fails(n) as never)) return n;
    between(own);
  }
  return Number.POSITIVE_INFINITY;
}

describe('a read of details', () => {
  test('stops at many records in a row that cannot be read, and earlier at a vendor that does not answer', () => {
    expect([survived(() => wrong), survived(() => down)]).toEqual([24, 2]);
    // Each kind has a count of its own.
    expect(survived((n) => (n === 0 ? wrong : down))).toBe(3);
    expect(survived((n) => (n % 2 === 0 ? wrong : down))).toBe(5);
  });

  test('goes on past any number of single records', () => {
    for (const failure of [wrong, down])
      expect(
        survived(
          () => failure,
          (own) => own.pass?.(),
        ),
      ).toBe(Number.POSITIVE_INFINITY);
  });

  test('stops at once if time runs out, and fails with that', () => {
    const own = budget();
    const late = new OutOfTimeError('late');
    own.spend(wrong);
    expect(own.spend(late)).toBe(false);
    expect(own.failure()).toBe(late);
  });

  test('goes on past a record that the credentials may not read, and stops at two in a row', () => {
    const own = budget();
    const refused = new CredentialsError('refused');
    expect(own.spend(refused)).toBe(true);
    own.pass?.();
    expect(own.spend(refused)).toBe(true);
    expect(own.failure()).toMatchObject({ name: 'ContractError', message: expect.stringContaining('(refused)') });
    expect(own.spend(refused)).toBe(false);
    expect(own.failure()).toBe(refused);
  });
});

describe('the failure of a read of details', () => {
  test('is none where all were read', () => {
    const own = budget();
    own.pass?.();
    expect(own.failure()).toBeUndefined();
  });

  test('is a wrong answer if there was one, else a missing one; it counts both', () => {
    const own = budget();
    own.spend(down);
    expect(own.failure()).toBeInstanceOf(SourceUnavailableError);
    expect(own.failure()?.message).toContain('the details of 1 records could not be read (down)');
    own.spend(wrong);
    own.pass?.();
    expect(own.failure()).toBeInstanceOf(ContractError);
    expect(own.failure()?.message).toContain('the details of 2 records could not be read (wrong)');
    expect(own.failure()?.message).toContain(
      'the next run requests them again, then later runs less and less often, at least daily',
    );
  });
});

test.each([
  { what: 'a read of the schedule', backfill: false, ranAt: UNIT_AT },
  { what: 'a backfill', backfill: true, ranAt: undefined },
])('$what notes as its time: $ranAt', async ({ backfill, ranAt }) => {
  const { state } = await carryOut(readDetails, { kind: 'details', partitions: [], tiers: [], backfill });
  expect(state.ranAt).toBe(ranAt);
});

test.each([
  { postponed: undefined, warnings: 0 },
  { postponed: 0, warnings: 0 },
  { postponed: 3, warnings: 1 },
])('a read that leaves $postponed records for later warns $warnings times', async ({ postponed, warnings }) => {
  const ports = makePorts({ clock: { ms: UNIT_AT } });
  const plan = { kind: 'details', partitions: [], tiers: [], ...(postponed !== undefined && { postponed }) } as const;
  await carryOut(readDetails, plan, { ports });
  const warned = ports.lines.filter(({ level }) => level === 'warn').map(({ message }) => message);
  const text = 'the details of 3 records could not be read, and are requested later';
  expect(warned).toEqual(Array.from({ length: warnings }, () => text));
});
