import { describe, expect, test } from 'vitest';
import {
  AlreadyRunningError,
  type CallhouseError,
  ContractError,
  CredentialsError,
  InterruptedError,
  NotFoundError,
  OutOfTimeError,
  ShortListError,
  SourceUnavailableError,
  StateError,
  StorageError,
} from '../../../../functions/errors.ts';
import { failureBudget, MOST_REFUSED } from '../../../../functions/extract/reads/read.ts';

const LOCAL = [SourceUnavailableError, ContractError, NotFoundError, ShortListError];
const GENERAL = [CredentialsError, OutOfTimeError, InterruptedError, StorageError, StateError, AlreadyRunningError];

describe('a failure budget', () => {
  test('reports no failure before a partition fails', () => {
    expect(failureBudget().failure()).toBeUndefined();
  });

  test.each(LOCAL)('tolerates exactly two failed partitions: %o', (Failure) => {
    const budget = failureBudget();
    const failures = ['first', 'second', 'third', 'fourth'].map((message) => new Failure(message));
    expect(failures.map((failure) => budget.spend(failure))).toEqual([true, true, false, false]);
    expect(budget.failure()).toBe(failures[0]);
  });

  test('counts failures of different kinds together', () => {
    const budget = failureBudget();
    const failures = [new SourceUnavailableError('1'), new ContractError('2'), new NotFoundError('3')];
    expect(failures.map((failure) => budget.spend(failure))).toEqual([true, true, false]);
  });

  test.each(GENERAL)('stops at once at a failure that concerns every partition: %o', (Failure) => {
    const budget = failureBudget();
    const failure: CallhouseError = new Failure('all');
    expect(budget.spend(failure)).toBe(false);
    expect(budget.failure()).toBe(failure);
  });

  test('goes on past one of several lists that the credentials may not read, which is no failure of all', () => {
    const budget = failureBudget(MOST_REFUSED);
    const refused = new CredentialsError('refused', { source: 'unit' });
    expect(budget.spend(refused)).toBe(true);
    budget.pass?.();
    expect(budget.spend(refused)).toBe(true);
    expect(budget.failure()).toMatchObject({
      name: 'ContractError',
      message: 'unit: refused. It may concern one of the lists alone',
    });
  });

  test('stops at two lists in a row that the credentials may not read', () => {
    const budget = failureBudget(MOST_REFUSED);
    const refused = new CredentialsError('refused');
    budget.pass?.();
    expect([budget.spend(refused), budget.spend(refused)]).toEqual([true, false]);
    expect(budget.failure()).toBe(refused);
  });

  test('reports the failure that stopped the read in place of a tolerated one', () => {
    const budget = failureBudget();
    const stopping = new OutOfTimeError('stopped');
    expect(budget.spend(new ContractError('tolerated'))).toBe(true);
    expect(budget.spend(stopping)).toBe(false);
    expect(budget.failure()).toBe(stopping);
  });
});
