import { describe, expect, test } from 'vitest';
import { holdEarlierKeys } from '../../../../functions/extract/session/hold-earlier-keys.ts';
import { newDigest } from '../../../../functions/lake/digest.ts';
import { id } from '../../../../schemas/column.ts';
import { defineTable } from '../../../../schemas/table.ts';
import { digestEntry } from '../../../helpers/settled-digest.ts';
import { testTexts } from '../../../helpers/texts.ts';

const AT = 1_793_523_600_000;
const key = (path: string) => id({ path, nullable: false, doc: 'Id.' });
const plain = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'] },
  columns: { id: key('id') },
});
const stable = defineTable({
  ...{ name: 'calls', source: 'nova', doc: 'Calls.', key: ['id'], stableKey: { column: 'id', by: 'call' } },
  columns: { id: key('id'), call: key('call') },
});
const texts = testTexts();
const held = (text: string) => texts.keyPart(plain.columns['id'])(text);

/** The entries of a digest after its keys were filed anew, and what the state names. */
async function filed(entries: Parameters<typeof digestOf>[0], redact: readonly string[] = [], table = plain) {
  const digest = digestOf(entries);
  const state = { tiers: {}, redact: [...redact] };
  const named = await holdEarlierKeys(table, texts, { digest, state, at: AT });
  return { digest, entries: Object.fromEntries(digest.entries.recent), redact: named.redact };
}

function digestOf(entries: Readonly<Record<string, ReturnType<typeof digestEntry>>>) {
  const digest = newDigest();
  for (const [name, entry] of Object.entries(entries)) digest.set(name, entry);
  return digest;
}

describe('a record of an earlier lake', () => {
  const entry = digestEntry('h', { group: 'x' });

  test('whose key is an id stays where it is', async () => {
    expect((await filed({ 'c-1': entry })).entries).toEqual({ 'c-1': entry });
  });

  test('whose key may be a name is filed under its hash; the earlier one counts as removed', async () => {
    expect((await filed({ 'Jane Doe': entry })).entries).toEqual({
      'Jane Doe': { ...entry, deletedAt: AT },
      [held('Jane Doe')]: entry,
    });
  });

  test('that was removed before keeps the time of that', async () => {
    const gone = { ...entry, deletedAt: 7 };
    expect((await filed({ 'Jane Doe': gone })).entries).toEqual({ 'Jane Doe': gone, [held('Jane Doe')]: gone });
  });

  test('that waits for its redaction is named by the key that it has now', async () => {
    expect((await filed({ 'Jane Doe': entry }, ['Jane Doe', 'c-1'])).redact).toEqual([held('Jane Doe'), 'c-1']);
  });
});

describe('the value that a stable key is looked up by', () => {
  test('is held as its hash where it may be a name, and finds the record', async () => {
    const { digest, entries } = await filed({ 'c-1': digestEntry('h', { alias: 'Jane Doe' }) }, [], stable);
    expect(entries).toEqual({ 'c-1': digestEntry('h', { alias: held('Jane Doe') }) });
    expect(digest.firstKeys.get(held('Jane Doe'))).toEqual({ key: 'c-1', firstSeenAt: digestEntry('h').firstSeenAt });
  });

  test('is forgotten where it is blank, as it names no record', async () => {
    const { digest, entries } = await filed({ 'c-1': digestEntry('h', { alias: ' ' }) }, [], stable);
    expect(entries).toEqual({ 'c-1': digestEntry('h') });
    expect(digest.firstKeys.recent.size).toBe(0);
  });

  test('stays as it is where it is an id', async () => {
    const entry = digestEntry('h', { alias: 'k-1' });
    const { digest, entries } = await filed({ 'c-1': entry }, [], stable);
    expect(entries).toEqual({ 'c-1': entry });
    expect(digest.firstKeys.recent.size).toBe(0);
  });
});
