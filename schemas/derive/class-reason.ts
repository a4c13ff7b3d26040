import type { Column, HashKind } from '../column.ts';
import type { PlacedColumn } from '../layout.ts';
import type { SafeText } from '../safe-text.ts';
import type { Table } from '../table.ts';

/** Why a column is in the database that it is in, in one sentence. */
export function classReason(table: Table, { name, type, placement }: PlacedColumn): string {
  const column = table.columns[name];
  if (column && table.key.includes(name)) return keyReason(column);
  if (column?.safe) return SHOWN[column.safe.kind](column.safe);
  if (column) return column.sensitive ? sensitiveReason(column) : `A ${WORDS[type] ?? type} holds no text.`;
  if (name === '_extra') return 'Fields that nobody has looked at may hold anything.';
  return placement === 'safe' ? 'A keyed hash shows nothing without the key.' : 'Callhouse writes it, not the vendor.';
}

const WORDS: Readonly<Record<string, string>> = {
  bigint: 'whole number',
  timestamp: 'point in time',
  doubles: 'list of numbers',
};

const SHOWN: Readonly<Record<SafeText['kind'], (safe: SafeText) => string>> = {
  id: () => 'An id; what has not the form of one, or is a telephone number, is hidden.',
  code: (safe) =>
    `One of the vendor's words${safe.kind === 'code' ? ` (${listOf(safe.words)})` : ''}; another is hidden until 5 records show it or \`safeValues\` names it.`,
  label: () =>
    'A name that staff chose; what is longer than 120 characters or holds a telephone number or `@` is hidden.',
  named: () => 'Anybody may write into it; only texts that `safeValues` names are shown.',
};

/** Words that a sentence lists. */
const MOST_WORDS = 12;

function listOf(words: readonly string[]): string {
  const shown = words.slice(0, MOST_WORDS).join(', ');
  return words.length > MOST_WORDS ? `${shown} and ${words.length - MOST_WORDS} more` : shown;
}

function keyReason({ type, safe }: Column): string {
  if (type !== 'text') return 'A part of the key that holds no text.';
  const what = safe?.kind === 'code' ? `one of the words ${listOf(safe.words)}` : 'an id';
  return `A part of the key, ${what}; another text is replaced by its hash.`;
}

const IDENTIFIED: Readonly<Record<HashKind, string>> = {
  phone: 'A telephone number identifies a person.',
  patient: 'It identifies a patient.',
  customer: 'It identifies a customer.',
  campaign: 'Its name may be a diagnosis.',
  batch: 'Its name may be a diagnosis.',
  session: 'Rooms are named after people, and the name leads to the recording.',
  key: 'It identifies a record.',
};

function sensitiveReason({ hash, url, type }: Column): string {
  if (hash) return IDENTIFIED[hash];
  if (url) return 'Whoever has the address may open what it leads to.';
  return type === 'json'
    ? 'JSON that nothing limits may hold anything.'
    : 'Nothing limits it: it may hold a name, a number or a diagnosis.';
}
