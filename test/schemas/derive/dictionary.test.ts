import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { dictionaryText } from '../../../schemas/derive/dictionary.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';
import { sampleCalls } from '../../helpers/sample-table.ts';

describe('dictionaryText', () => {
  const text = dictionaryText([sampleCalls], viewsFor([sampleCalls], { timeZone: 'UTC' }));

  test.each([
    '| `order` | bigint | never | `order` | both | A reserved word, in the key. |',
    '| `number` | text | yes | `number` | PHI | Number of the caller. |',
    '| `number_hash` | text | yes | hash | safe | Keyed hash (HMAC-SHA256, hex) of number. |',
    '| `score` | double, points | yes | `score` | safe | Score. |',
    '| `_extra` | JSON as text | yes | – | PHI |',
    '### calls_daily',
    '### rejects',
  ])('says %s', (line) => {
    expect(text).toContain(line);
  });

  test('is what docs/data-dictionary.md holds; if not, npm run docs', async () => {
    const tables = await allTables();
    const written = await readFile(new URL('../../../docs/data-dictionary.md', import.meta.url), 'utf8');
    expect(written === dictionaryText(tables, viewsFor(tables, { timeZone: 'UTC' }))).toBe(true);
  });
});
