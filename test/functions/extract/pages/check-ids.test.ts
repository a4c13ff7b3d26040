import { expect, test } from 'vitest';
import { ContractError } from '../../../../functions/errors.ts';
import { readOne } from '../../../helpers/read-one.ts';
import { unitPartition } from '../../../helpers/session.ts';

const asked = async (partition: object) => {
  const { outcome, asked: requests } = await readOne([], { partition: { ...unitPartition('x'), ...partition } });
  return { requests: requests.length, failure: outcome.failure };
};

test.each([
  { params: { id: '' } },
  { params: { id: ' ' } },
  { params: { id: '.' } },
  { params: { id: '..' } },
  { params: { other: 'a', id: '..' } },
  { query: { id: '' } },
])('a list is not requested where its address would be another one: %j', async (partition) => {
  const { requests, failure } = await asked(partition);
  expect(requests).toBe(0);
  expect(failure).toBeInstanceOf(ContractError);
  expect(failure?.message).toBe('unit.calls: /calls: a partition has no usable value for id; expected an id');
});

test.each([
  {},
  { params: { id: 'a' } },
  { params: { id: '...' } },
  { params: { id: '.a' } },
  { params: { id: 'a.' } },
  { query: { id: '..' } },
])('a list is requested by a usable id: %j', async (partition) => {
  expect(await asked(partition)).toMatchObject({ requests: 1, failure: undefined });
});
