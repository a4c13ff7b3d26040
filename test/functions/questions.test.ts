import { describe, expect, test } from 'vitest';
import { parseQuestion, readQuestions } from '../../functions/questions.ts';

const TEXT = '-- How many?\n-- Count them.\n-- Then stop.\n\nSELECT count(*) AS calls\nFROM calls\n';

describe('parseQuestion', () => {
  test('reads number, name, title, reading and query', () => {
    expect(parseQuestion('07-how-many.sql', TEXT)).toEqual({
      ...{ number: 7, name: 'how-many', title: 'How many?', reading: 'Count them. Then stop.' },
      sql: 'SELECT count(*) AS calls\nFROM calls',
    });
  });

  test.each([
    ['7-how-many.sql', TEXT],
    ['07-How.sql', TEXT],
    ['07-how.sql', '-- How many?\n\nSELECT 1\n'],
    ['07-how.sql', TEXT.replace('FROM calls', 'FROM calls;')],
    ['07-how.sql', 'SELECT 1\n'],
  ])('refuses %s with another form', (file, text) => {
    expect(() => parseQuestion(file, text)).toThrow(
      /^schemas\/questions\/.* is not a question; expected a name such as/,
    );
  });
});

test('the book has thirty questions, numbered in order, each with a name of its own', () => {
  const questions = readQuestions();
  expect(questions.map(({ number }) => number)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1));
  expect(new Set(questions.map(({ name }) => name)).size).toBe(30);
  for (const { title, reading } of questions) {
    expect(title).toMatch(/\?$/);
    expect(reading).toMatch(/\.$/);
  }
});
