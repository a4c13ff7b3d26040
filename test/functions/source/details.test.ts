import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../functions/errors.ts';
import { detailsPaging } from '../../../functions/source/details.ts';
import { WHOLE_STREAM } from '../../../functions/source/page.ts';
import { id, text } from '../../../schemas/column.ts';
import { defineTable } from '../../../schemas/table.ts';

const callId = id({ path: '$id', nullable: false, doc: 'Id.' });
const tableOf = (path: string) =>
  defineTable({
    ...{ name: 'nova_details', source: 'nova', doc: 'One row per call.', key: ['call_id'] },
    columns: { call_id: callId, words: text({ path, sensitive: true, doc: 'What was said.' }) },
  });

const WRONG = "the answer is not what the vendor's document says";

/** Reads the details of a call. */
function read(body: unknown, { path = 'words', answer }: { path?: string; answer?: object } = {}) {
  const paging = detailsPaging({ tables: [tableOf(path)], path: '/calls/{id}', ...(answer && { answer }) });
  return paging.read?.(body, { partition: WHOLE_STREAM, page: 1, size: 1 });
}

describe('the details of a record', () => {
  test.each([
    { says: 'the answer itself', body: { words: 'w' }, options: {}, record: { words: 'w' } },
    { says: 'a null in it', body: { words: null }, options: {}, record: { words: null } },
    {
      says: 'in a field',
      body: { data: { words: 'w' } },
      options: { answer: { record: 'data' } },
      record: { words: 'w' },
    },
    {
      says: 'in the first of two fields that is there',
      body: { call: { words: 'w' } },
      options: { answer: { record: ['data', 'call'] } },
      record: { words: 'w' },
    },
    {
      says: 'of a table that reads no field of them',
      body: { other: 1 },
      options: { path: '^id' },
      record: { other: 1 },
    },
  ])('are read: $says', ({ body, options, record }) => {
    expect(read(body, options)).toEqual({ records: [record], more: false });
  });

  test.each([
    {
      says: 'no object',
      body: ['w'],
      options: {},
      message: `${WRONG}: the answer is a list; expected an object with the details`,
    },
    {
      says: 'no object in the declared field',
      body: { words: 'w' },
      options: { answer: { record: ['data', 'call'] } },
      message: `${WRONG}: data or call is missing; expected an object with the details`,
    },
    {
      says: 'nothing that a column reads',
      body: { other: 1, $id: 7 },
      options: {},
      message: 'the answer has no field that a column of nova_details reads; expected the details of a record',
    },
  ])('are refused: $says', ({ body, options, message }) => {
    expect(() => read(body, options)).toThrow(new ContractError(message));
  });

  test('that are a list are all on one page', () => {
    const answer = { records: 'turns' };
    expect(read({ turns: [{ n: 1 }, { n: 2 }] }, { answer })).toEqual({ records: [{ n: 1 }, { n: 2 }], more: false });
  });
});

describe('an answer with details is a failure', () => {
  const failed = (body: unknown, path = 'words', answer: object = {}) => {
    const { answer: parts } = detailsPaging({ tables: [tableOf(path)], path: '/calls/{id}', answer });
    return parts?.failed?.(body);
  };
  test.each([
    { says: 'that says so', body: { success: false, words: 'w' }, isFailed: true },
    { says: 'that does not', body: { words: 'w' }, isFailed: false },
    {
      says: 'that says so in a field that a column reads',
      body: { error: 'busy line' },
      path: 'error',
      isFailed: false,
    },
    {
      says: 'that says so below a field that a column reads',
      body: { error: { text: 'busy' } },
      path: 'error.text',
      isFailed: false,
    },
    {
      says: 'with a list that says so',
      body: { success: false, turns: [] },
      answer: { records: 'turns' },
      isFailed: true,
    },
    {
      says: 'in a field, beside which it says so, though a column has that name',
      body: { error: 'busy', data: {} },
      path: 'error',
      answer: { record: 'data' },
      isFailed: true,
    },
    {
      says: 'that its own function calls one',
      body: { words: 'w' },
      answer: { failed: () => true },
      isFailed: true,
    },
  ])('$says: $isFailed', ({ body, path, answer, isFailed }) => {
    expect(failed(body, path, answer)).toBe(isFailed);
  });
});
