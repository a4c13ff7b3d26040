import { expect, test } from 'vitest';
import { SqlError } from '../../functions/errors.ts';
import { printable } from '../../functions/printable.ts';
import { jsonFormat } from '../../local/console/format-json.ts';
import { formatTable } from '../../local/console/format-table.ts';
import { printError } from '../../local/console/print-error.ts';
import { inFormat } from '../helpers/in-format.ts';

const HOSTILE = 'a\u001b[2Jb\u202ec\u2066d\u009be\u2028f\u0007g\u200fh';

test.each([
  [HOSTILE, 'a [2Jbcd e f gh'],
  ['\u0646\u0627\u0645\u0647\u200c\u0627\u06cc', '\u0646\u0627\u0645\u0647\u200c\u0627\u06cc'],
  ['two\r\nlines', 'two lines'],
  ['plain é 受付', 'plain é 受付'],
])('%j is shown as %j', (text, shown) => {
  expect(printable(text)).toBe(shown);
});

test('no cell, heading or error moves the cursor, colours the terminal or turns the reading order', () => {
  const UNSEEN = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u;
  expect(formatTable([HOSTILE], [[HOSTILE]]).replaceAll('\n', '')).not.toMatch(UNSEEN);
  let printed = '';
  const write = (text: string) => {
    printed += text;
  };
  printError(new SqlError(`no ${HOSTILE}`), { err: { write, isTty: false, columns: 80 }, debug: false });
  expect(printed.slice(0, -1)).not.toMatch(UNSEEN);
  const json = inFormat(jsonFormat([HOSTILE, 'b']), [[HOSTILE, '\u{e0001}']]);
  expect(json.replaceAll('\n', '')).not.toMatch(UNSEEN);
  expect(JSON.parse(json)).toEqual([{ [HOSTILE]: HOSTILE, b: '\u{e0001}' }]);
});
