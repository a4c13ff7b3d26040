import { describe, expect, test } from 'vitest';
import { AnswerTooLargeError, ContractError } from '../../../../functions/errors.ts';
import type { Page } from '../../../../functions/source/page.ts';
import { answer, readOne } from '../../../helpers/read-one.ts';

const TOO_LARGE = new AnswerTooLargeError('too large');
const two = answer(['a', 'b'], { more: true });

/** A list in pages of four, of which the first is too large: it continues in pages of two. */
const smaller = async (...pages: readonly Page[]) => {
  const { outcome } = await readOne([TOO_LARGE, ...pages], { stream: { pageSize: 4 } });
  return outcome.failure;
};

describe('a vendor that was asked for smaller pages', () => {
  test.each<{ says: string; last: Page }>([
    { says: 'as many records as requested', last: answer(['c', 'd'], { more: false }) },
    { says: 'fewer on the last one', last: answer(['c'], { more: false }) },
    { says: 'none on the last one', last: answer([], { more: false }) },
  ])('may show $says', async ({ last }) => {
    expect(await smaller(two, last)).toBeUndefined();
  });

  test.each<{ says: string; next: Page; length: number }>([
    { says: 'fewer where more follow', next: answer(['c'], { more: true }), length: 1 },
    { says: 'more', next: answer(['c', 'd', 'e'], { more: true }), length: 3 },
    { says: 'more on the last one', next: answer(['c', 'd', 'e'], { more: false }), length: 3 },
  ])('fails if it shows $says, as records would be missing', async ({ next, length }) => {
    const failure = await smaller(two, next);
    expect(failure).toBeInstanceOf(ContractError);
    expect(failure?.message).toBe(
      `unit.calls: /calls: pages of 2 records were requested, because larger ones are refused or do not fit into memory, and one has ${length}; expected 2`,
    );
  });
});

test('a page of the usual size may have more records than were requested', async () => {
  const many = (count: number) =>
    readOne(
      [
        answer(
          Array.from({ length: count }, (_, n) => `r${n}`),
          { more: false },
        ),
      ],
      { stream: { pageSize: 1 } },
    );
  expect((await many(3)).outcome.failure).toBeUndefined();
});
