import { DuckDBInstance } from '@duckdb/node-api';
import { describe, expect, test } from 'vitest';
import { isMeantBy, numberPattern } from '../../../functions/erase/person.ts';
import { keyedHash } from '../../../functions/extract/rows/hashes.ts';
import { quoteText } from '../../../schemas/derive/sql-text.ts';

const KEY = 'a key of the tests, of 32 characters or more';
const NUMBER = '+15551230001';

/** Ways in which vendors and people write the number. */
const SPELLINGS = [
  NUMBER,
  '5551230001',
  '15551230001',
  '(555) 123-0001',
  '1.555.123.0001',
  '001 555 123 0001',
  'tel:+1-555-123-0001;ext=12',
  '+1 555 123 0001 ext. 12',
  'sip:+15551230001@trunk.example',
  'sip:5551230001@10.0.0.1:5060',
  // As address books copy it: marks of the writing direction, hyphens that do not break, full-width digits.
  '\u202a+1 (555) 123\u20110001\u202c',
  NUMBER.replace(/./g, (one) => String.fromCharCode(one.charCodeAt(0) + 0xfee0)),
];

/** Texts that hold its digits, or some of them, and are other numbers. */
const OTHERS = ['+15551230002', '+445551230001', '+44 555 123 0001', '0115551230001', '55512300011', '9915551230001'];
const OTHERS_WITHIN = ['sip:+44-555-123-0001@trunk.example', 'sip:1001@trunk.example', 'anonymous', '', '0001'];

describe('a text means a person', () => {
  test('if it is or contains the number, however either is written', () => {
    for (const given of SPELLINGS.slice(0, 6).concat(SPELLINGS.slice(-2))) {
      const isMeant = isMeantBy({ kind: 'phone', text: given }, KEY);
      expect(SPELLINGS.filter((text) => !isMeant('phone', text))).toEqual([]);
      expect([...OTHERS, ...OTHERS_WITHIN].filter((text) => isMeant('phone', text))).toEqual([]);
      expect(isMeant('patient', NUMBER)).toBe(false);
    }
  });

  test('if it is what was given where that is no number', () => {
    const isMeant = isMeantBy({ kind: 'phone', text: 'sip:jane@clinic.example' }, KEY);
    expect(isMeant('phone', 'sip:jane@clinic.example')).toBe(true);
    expect(isMeant('phone', 'sip:john@clinic.example')).toBe(false);
  });

  test('if it is the id of the patient, without the blanks and marks that programs add to their input', () => {
    for (const given of ['p-1', 'p-1 ', '\ufeffp-1\r']) {
      const isMeant = isMeantBy({ kind: 'patient', text: given }, KEY);
      expect([isMeant('patient', 'p-1'), isMeant('patient', 'P-1'), isMeant('patient', 'p-11')]).toEqual([
        true,
        false,
        false,
      ]);
    }
    expect(isMeantBy({ kind: 'patient', text: ' p' }, KEY)('patient', ' p')).toBe(true);
  });

  test('if it has the hash, or the number in it has', () => {
    const isMeant = isMeantBy({ kind: 'hash', hash: keyedHash('phone', NUMBER, KEY) }, KEY);
    expect([isMeant('phone', NUMBER), isMeant('phone', '(555) 123-0001')]).toEqual([true, true]);
    expect([isMeant('phone', '+15551230002'), isMeant('customer', NUMBER)]).toEqual([false, false]);
  });
});

test('the pattern of a number finds it in texts of JavaScript and DuckDB, and no longer number', async () => {
  const within = (text: string) => [text, `call ${text}, please`, JSON.stringify({ number: text })];
  const found = SPELLINGS.slice(0, -1).flatMap(within);
  const others = [...OTHERS.filter((text) => !text.includes(' ')), '155512300012'].flatMap(within);
  const pattern = numberPattern(NUMBER);
  const matches = (texts: readonly string[]) => texts.map((text) => new RegExp(pattern, 'u').test(text));
  expect(matches(found)).toEqual(found.map(() => true));
  expect(matches(others)).toEqual(others.map(() => false));
  const connection = await (await DuckDBInstance.create(':memory:')).connect();
  const inDuckdb = async (texts: readonly string[]) => {
    const sql = texts.map((text) => `regexp_matches(${quoteText(text)}, ${quoteText(pattern)})`).join(', ');
    return (await (await connection.run(`SELECT ${sql}`)).getRows())[0];
  };
  expect(await inDuckdb(found)).toEqual(found.map(() => true));
  expect(await inDuckdb(others)).toEqual(others.map(() => false));
  const british = numberPattern('+442071234567');
  const inBritish = ['+44 20 7123 4567', '0044 20-7123-4567', '442071234567', '+44 20 7123 45678', '020 7123 4567'];
  expect(inBritish.map((text) => new RegExp(british, 'u').test(text))).toEqual([true, true, true, false, false]);
});
