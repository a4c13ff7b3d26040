import { expect, test } from 'vitest';
import {
  bigint,
  boolean,
  type Column,
  code,
  doubles,
  type HashKind,
  id,
  json,
  label,
  text,
  timestamp,
} from '../../../schemas/column.ts';
import { classReason } from '../../../schemas/derive/class-reason.ts';
import { columnsIn } from '../../../schemas/layout.ts';
import { defineTable } from '../../../schemas/table.ts';

const path = { path: 'x', doc: 'X.' };
const hashed = (hash: HashKind) => text({ ...path, hash });

/** The reason of a column, in the first database that has it. */
function reasonOf(column: Column, key = 'id'): string | undefined {
  const table = defineTable({
    ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: [key] },
    columns: { id: id({ path: 'id', nullable: false, doc: 'Id.' }), own: { ...column, nullable: key !== 'own' } },
  });
  const placed = [...columnsIn(table, 'phi'), ...columnsIn(table, 'safe')].find(({ name }) => name === 'own');
  return placed && classReason(table, placed);
}

test.each([
  { column: bigint(path), why: 'A whole number holds no text.' },
  { column: timestamp(path), why: 'A point in time holds no text.' },
  { column: doubles(path), why: 'A list of numbers holds no text.' },
  { column: boolean(path), why: 'A boolean holds no text.' },
  { column: id(path), why: 'An id; what has not the form of one, or is a telephone number, is hidden.' },
  {
    column: code('done', 'busy')(path),
    why: "One of the vendor's words (done, busy); another is hidden until 5 records show it or `safeValues` names it.",
  },
  {
    column: code(...Array.from({ length: 14 }, (_, n) => `w${n}`))(path),
    why: "One of the vendor's words (w0, w1, w2, w3, w4, w5, w6, w7, w8, w9, w10, w11 and 2 more); another is hidden until 5 records show it or `safeValues` names it.",
  },
  {
    column: label(path),
    why: 'A name that staff chose; what is longer than 120 characters or holds a telephone number or `@` is hidden.',
  },
  {
    column: text({ ...path, showsNamed: true }),
    why: 'Anybody may write into it; only texts that `safeValues` names are shown.',
  },
  { column: hashed('phone'), why: 'A telephone number identifies a person.' },
  { column: hashed('patient'), why: 'It identifies a patient.' },
  { column: hashed('customer'), why: 'It identifies a customer.' },
  { column: hashed('campaign'), why: 'Its name may be a diagnosis.' },
  { column: hashed('batch'), why: 'Its name may be a diagnosis.' },
  { column: hashed('session'), why: 'Rooms are named after people, and the name leads to the recording.' },
  { column: hashed('key'), why: 'It identifies a record.' },
  { column: text({ ...path, url: true }), why: 'Whoever has the address may open what it leads to.' },
  { column: json(path), why: 'JSON that nothing limits may hold anything.' },
  { column: text(path), why: 'Nothing limits it: it may hold a name, a number or a diagnosis.' },
])('a column is where it is because: $why', ({ column, why }) => {
  expect(reasonOf(column)).toBe(why);
});

test.each([
  { column: bigint(path), why: 'A part of the key that holds no text.' },
  { column: id(path), why: 'A part of the key, an id; another text is replaced by its hash.' },
  {
    column: code('done', 'busy')(path),
    why: 'A part of the key, one of the words done, busy; another text is replaced by its hash.',
  },
])('a part of a key is where it is because: $why', ({ column, why }) => {
  expect(reasonOf(column, 'own')).toBe(why);
});

test('what Callhouse adds has a reason too', () => {
  const table = defineTable({
    ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
    columns: { id: id({ path: 'id', nullable: false, doc: 'Id.' }), phone: hashed('phone') },
  });
  const reasons = new Map(
    [...columnsIn(table, 'safe'), ...columnsIn(table, 'phi')].map((column) => [
      column.name,
      classReason(table, column),
    ]),
  );
  expect(reasons.get('_extra')).toBe('Fields that nobody has looked at may hold anything.');
  expect(reasons.get('_seq')).toBe('Callhouse writes it, not the vendor.');
  expect(reasons.get('phone_hash')).toBe('A keyed hash shows nothing without the key.');
});
