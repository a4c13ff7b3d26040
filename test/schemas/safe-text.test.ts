import { describe, expect, test } from 'vitest';
import { isIdText, isLabel, isPhoneNumber, isWord, normalWord } from '../../schemas/safe-text.ts';
import { expectLinear } from '../helpers/expect-linear.ts';

const NUMBERS = [
  '+15551230000',
  '+1 (555) 123-0000',
  '555-123-4567',
  '(555) 123.4567',
  '5551234567',
  '1-555-123-4567',
  '15551234567',
  '+442079460958',
  '+1234567',
  'tel:5551234567',
  'TEL:1-555-123-4567',
  'sip:5551234567',
  '5551234567x12',
  '555.123.4567ext.9',
  '555_123_4567',
  '1_555_123-4567',
];
const NO_NUMBERS = [
  '550e8400-e29b-41d4-a716-446655440000',
  'call-5551234567',
  '1703097600',
  '0123456789',
  '12345',
  '555123456',
  '25551234567',
  '+123456',
  '+1234567890123456',
  'CA5551234567',
  'tel:12345',
  'sip:agent',
  '2026-11-01',
  '4000_123456',
  '20261101_12',
  '5551234567x',
];

describe('a telephone number', () => {
  test.each(NUMBERS)('is %s', (text) => expect(isPhoneNumber(text)).toBe(true));
  test.each(NO_NUMBERS)('is not %s', (text) => expect(isPhoneNumber(text)).toBe(false));
});

describe('an id', () => {
  test.each(['a', 'call-456', 'CA1234567890abcdef1234567890abcdef', 'org_1:2.3-4', '1703097600', 'x'.repeat(128)])(
    'is %s',
    (text) => expect(isIdText(text)).toBe(true),
  );
  test.each(['', ' a', 'a b', 'a@b.c', 'a/b', 'é', 'x'.repeat(129), 'Jane Doe', '~a', ...NUMBERS])(
    'is not %j',
    (text) => expect(isIdText(text)).toBe(false),
  );
});

test('a word has at most 64 letters, digits and _ . : - and is no telephone number', () => {
  expect(['no_answer', 'NORMAL_CLEARING', 'en-US', 'x'.repeat(64)].map(isWord)).toEqual([true, true, true, true]);
  expect(['', 'no answer', 'español', 'x'.repeat(65), '5551234567'].map(isWord)).toEqual(Array(5).fill(false));
});

test('words are compared without case, and with hyphens and blanks as underscores', () => {
  expect(['IN_PROGRESS', 'in-progress', 'In progress'].map(normalWord)).toEqual(Array(3).fill('in_progress'));
});

describe('a name that staff chose', () => {
  test.each([
    'Customer Support Agent',
    'Dr. Zoë Ångström',
    'Front desk 2',
    'Room 12345678901234',
    'x'.repeat(120),
    'A-5551234567x',
    'Team 24/7, 100 % & more',
    'Bot v2.1 / 2026-11-28',
    'Line_5551234567',
  ])('is %s', (text) => expect(isLabel(text)).toBe(true));
  test.each([
    'x'.repeat(121),
    'jane@clinic.example',
    'Call 555-123-4567',
    'Bot 7 (555) 123-4567 ext 9',
    'Night +15551234567',
    '5551234567',
    'at 1.555.123.4567.',
    'ＪＡＮＥ＠x',
    '５５５１２３４５６７',
    'Desk 555\u200b123\u200b4567',
    '555–123–4567',
    '555\u2011123\u20114567',
    '555−123−4567',
    '555/123/4567',
    'Line 555·123·4567',
    'Line 555_123_4567',
    'Front desk 555.123.4567x12',
    '%2B15551234567',
    '&#43;442079460958',
    '(555)%20123-4567',
    'jane&#64;clinic.example',
    'jane&#x40;clinic.example',
    'jane%40clinic.example',
  ])('is not %s', (text) => expect(isLabel(text)).toBe(false));
});

test('every check takes linear time', () => {
  for (const judge of [isIdText, isLabel, isWord, isPhoneNumber])
    for (const character of ['1', '1 ', '+', '(', 'a', '1-', '1_', '%2', '&#', '&#x0', 'x1'])
      expectLinear((size) => void judge(character.repeat(size)));
});
