import { expect, test } from 'vitest';
import { SqlError, StorageError } from '../../../functions/errors.ts';
import { printError } from '../../../local/console/print-error.ts';

function print(error: unknown, debug = false) {
  const written: string[] = [];
  const err = { write: (text: string) => void written.push(text), isTty: false, columns: 80 };
  const code = printError(error, { err, debug });
  return { code, text: written.join('') };
}

test('prints an expected error on one line and returns its exit code', () => {
  expect(print(new StorageError('the disk is full', { source: 'kalem', account: 'north' }))).toEqual({
    code: 5,
    text: 'callhouse: kalem (north): the disk is full\n',
  });
  expect(print(new SqlError('Parser Error: wrong\nCandidates: a\n\nLINE 1: select\n        ^')).text).toBe(
    'callhouse: Parser Error: wrong Candidates: a\n',
  );
});

test('prints only the kind of an unexpected error, whose message may hold a value, and with --debug its stack', () => {
  const bug = Object.assign(new TypeError('cannot read Jane Doe\nsecond line Jane Doe'), { code: 'ERR_X' });
  expect(print(bug).code).toBe(1);
  expect(print(bug).text).toMatch(/^callhouse: unexpected TypeError \(ERR_X\), which is a bug;.*\n$/);
  const { text } = print(bug, true);
  expect(text).toMatch(/\n +at .*print-error\.test\.ts/);
  expect(text).not.toContain('Jane');
  expect(print('Jane').text).not.toContain('Jane');
});
