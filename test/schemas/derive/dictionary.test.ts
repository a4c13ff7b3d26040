import { readFile } from 'node:fs/promises';
import { beforeAll, describe, expect, test } from 'vitest';
import { code, date, doubles, id, label, text } from '../../../schemas/column.ts';
import { databasesOf } from '../../../schemas/derive/databases.ts';
import { describeColumn } from '../../../schemas/derive/ddl.ts';
import { dictionaryText } from '../../../schemas/derive/dictionary.ts';
import { defineTable } from '../../../schemas/table.ts';
import { kalemCalls } from '../../../schemas/tables/kalem.ts';
import { bigint, clinicTime, type View, text as viewText } from '../../../schemas/views/view.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';
import { viewWarehouse } from '../../helpers/view-warehouse.ts';

const table = defineTable({
  name: 'calls',
  source: 'nova',
  doc: 'One row per call.',
  key: ['id'],
  partOn: 'created_on',
  columns: {
    id: id({ path: ['id', 'uuid'], nullable: false, doc: 'Id.' }),
    number: text({ path: 'phone.number', hash: 'phone', doc: 'Number of the caller.' }),
    waits: doubles({ path: '^waits', nullable: false, unit: 's', doc: 'Waits: a|b.' }),
    created_on: date({ path: '$day', doc: 'Day.' }),
    odd_hash: code('odd', 'even')({ path: 'odd', doc: 'Odd.' }),
    ac: label({ path: 'ac', doc: 'The start of the name account.' }),
  },
});
const view: View = {
  name: 'daily',
  doc: 'Calls by day.',
  key: ['calls'],
  columns: { calls: bigint('Calls.', 'calls') },
  from: '',
};

/** The section under a heading, without the heading. */
function sectionOf(document: string, heading: string): string {
  const [, section = ''] = document.split(`\n${heading}\n\n`);
  return section.split('\n\n#')[0]?.trimEnd() ?? '';
}

describe('dictionaryText', () => {
  let document = '';
  beforeAll(() => {
    document = dictionaryText([table], [view], databasesOf('clinic'));
  });

  test('lists views, tables and the loader’s own tables, in that order, and the diagram last', () => {
    expect(document.match(/^#+ .+$/gm)).toEqual([
      '# Data dictionary',
      ...['## Views', '### daily'],
      ...['## Tables', '### Columns of every table', '### calls'],
      ...["## The loader's own tables", '### call_versions', '### loads', '### rejects', '### checks'],
      '## How tables and views belong together',
    ]);
    expect(document).toMatch(/[^\n]\n$/);
  });

  test('names the databases of the configured prefix', () => {
    expect(document).toContain('marked *safe* are in `clinic`');
    expect(document).toContain('only in `clinic_phi`');
  });

  test('shows for each column its type and unit, whether it can be null, its vendor path, database and meaning', () => {
    const lines = sectionOf(document, '### calls').split('\n');
    expect(lines.slice(0, 3)).toEqual([
      'One row per call.',
      '',
      'Source `nova`. Key `account`, `id`. `_part_on` is the day of `created_on`. A row is marked deleted after it was missing from two complete scans.',
    ]);
    expect(lines.slice(4)).toEqual([
      '| column | type | null | vendor path | class | meaning | why this class |',
      '| --- | --- | --- | --- | --- | --- | --- |',
      '| `id` | text | never | `id` or `uuid` | both | Id. | A part of the key, an id; another text is replaced by its hash. |',
      '| `number` | text | yes | `phone.number` | PHI | Number of the caller. | A telephone number identifies a person. |',
      '| `number_hash` | text | yes | hash | safe | Keyed hash (HMAC-SHA256, hex) of number, of kind phone. | A keyed hash shows nothing without the key. |',
      '| `waits` | list of double, s | yes | `^waits` | safe | Waits: a\\|b. | A list of numbers holds no text. |',
      '| `created_on` | date | yes | `$day` | safe | Day. | A date holds no text. |',
      "| `odd_hash` | text | yes | `odd` | shown | Odd. | One of the vendor's words (odd, even); another is hidden until 5 records show it or `safeValues` names it. |",
      expect.stringMatching(
        /^\| `ac` \| text \| yes \| `ac` \| shown \| The start of the name account. \| A name that staff chose; /,
      ),
    ]);
    const common = sectionOf(document, '### Columns of every table').split('\n');
    expect(common).toEqual([
      '| column | type | null | class | meaning | why this class |',
      '| --- | --- | --- | --- | --- | --- |',
      expect.stringMatching(/^\| `account` \| text \| never \| both \| .* \| Callhouse writes it, not the vendor. \|$/),
      expect.stringMatching(/^\| `_extra` \| JSON as text \| yes \| PHI \| .* may hold anything. \|$/),
      ...Array.from({ length: 5 }, () => expect.stringMatching(/^\| `_[a-z_]+` \| [^|]+ \| (never|yes) \| both \| /)),
      expect.stringMatching(/^\| `_load_id` \| text \| never \| both \| /),
    ]);
  });

  test.each([
    ['by-absence', 'A row is marked deleted after it was missing from two complete scans.'],
    ['with-parent', 'A row is marked deleted when its record is read again without it.'],
    ['never', 'Rows are never marked deleted.'],
  ] as const)('says what removal %s means', (removal, sentence) => {
    const { partOn: _, ...undated } = table;
    expect(sectionOf(dictionaryText([{ ...undated, removal }], []), '### calls').split('\n')[2]).toBe(
      `Source \`nova\`. Key \`account\`, \`id\`. \`_part_on\` is the day a row was first seen. ${sentence}`,
    );
  });

  test('shows the columns of a view', () => {
    expect(sectionOf(document, '### daily')).toBe(
      'Calls by day.\n\nA row is identified by `calls`.\n\n| column | type | meaning |\n| --- | --- | --- |\n| `calls` | bigint, calls | Calls. |',
    );
  });

  test('shows times on the clinic’s clock as such, and what the values of a column mean', () => {
    const columns = { local_at: clinicTime('Start.'), issue: viewText('Word.') };
    const shown = dictionaryText([], [{ ...view, columns, key: ['issue'], values: { issue: { end: 'No end.' } } }]);
    expect(sectionOf(shown, '### daily')).toContain('| `local_at` | timestamp, clinic clock | Start. |');
    expect(sectionOf(shown, '### daily')).toMatch(/\| value of `issue` \| what it is \|\n.*\n\| `end` \| No end. \|$/);
  });

  test('begins with the views to start with, and shows which vendor says what by the mappings', () => {
    const calls = { call_id: 'id', started_at: 'created_on', channel: "'phone'", answered: 'odd', cost: 'ac' };
    const mapped = { ...table, calls: { ...calls, answered_basis: "'inferred'" } };
    const views = [view, { ...view, name: 'calls' }, { ...view, name: 'key_figures' }];
    const shown = dictionaryText([mapped], views);
    expect(shown.match(/^### (?!Columns).+$/gm)?.slice(0, 3)).toEqual(['### key_figures', '### calls', '### daily']);
    const told = sectionOf(shown, '## Which vendor says what').split('\n');
    expect(told).toEqual(
      expect.arrayContaining([
        '| column of `calls` | nova |',
        '| `channel` | always phone |',
        '| `answered` | yes, inferred |',
        '| `cost_currency` | by a setting |',
        '| `language` | – |',
      ]),
    );
  });

  test('shows which columns of the loader’s own tables can be null', () => {
    const section = sectionOf(document, '### loads');
    expect(section).toMatch(/^\| `load_id` \| text \| never \| /m);
    expect(section).toMatch(/^\| `vendor_total` \| bigint, records \| yes \| /m);
  });

  test('is the text of docs/data-dictionary.md; if not, run npm run docs', async () => {
    const tables = await allTables();
    const written = await readFile(new URL('../../../docs/data-dictionary.md', import.meta.url), 'utf8');
    expect(written === dictionaryText(tables, viewsFor(tables, { timeZone: 'UTC' }))).toBe(true);
  });
});

describe('what an analyst reads first', () => {
  let document = '';
  let views: readonly View[] = [];
  beforeAll(async () => {
    const tables = await allTables();
    views = viewsFor(tables, { timeZone: 'America/New_York' });
    document = dictionaryText(tables, views);
  });

  test('leads to every view, and names no view that does not exist', () => {
    const routes = sectionOf(document, '## Which view to ask');
    const linked = [...routes.matchAll(/\]\(#(\w+)\)/g)].map(([, name = '']) => name);
    const named = new Set([...routes.matchAll(/kismet_metrics_reconciliation/g)].map(([name]) => name));
    expect(new Set([...linked, ...named])).toEqual(new Set(views.map(({ name }) => name)));
    const fewer = views.filter(({ name }) => name !== 'repeat_calls');
    expect(sectionOf(dictionaryText([], fewer), '## Which view to ask')).not.toContain('repeat_calls');
  });

  test('links only to sections and questions that exist', async () => {
    const questions = await readFile(new URL('../../../docs/questions.md', import.meta.url), 'utf8');
    const anchors = new Set([...document.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) => title.toLowerCase()));
    for (const [, name = ''] of document.matchAll(/\]\(#([\w-]+)\)/g)) expect(anchors).toContain(name);
    const asked = [...document.matchAll(/\]\(questions\.md#([\w-]+)\)/g)].map(([, name = '']) => name);
    expect(asked.length).toBeGreaterThan(0);
    for (const name of asked) expect(questions).toContain(`<a id="${name}"></a>`);
  });

  test('gives queries that run: the answer rate, and the median of the waits of a month', async () => {
    const { insert, rowsOf } = await viewWarehouse();
    const at = (second: number) => `TIMESTAMP '2026-10-05 15:00:${String(second).padStart(2, '0')}'`;
    const call = { direction: "'inbound'", status: "'completed'", started_at: at(0), _changed_at: at(50) };
    for (const wait of [4, 9, 30]) await insert(kalemCalls, { ...call, call_id: `'w${wait}'`, answered_at: at(wait) });
    await insert(kalemCalls, { ...call, call_id: "'missed'", status: "'no_answer'" });
    await insert(kalemCalls, { ...call, call_id: "'outbound'", direction: "'outbound'", answered_at: at(40) });
    const earlier = { started_at: "TIMESTAMP '2026-09-05 15:00:00'", answered_at: "TIMESTAMP '2026-09-05 15:00:01'" };
    await insert(kalemCalls, { ...call, ...earlier, call_id: "'earlier'" });
    const [rate = '', median = ''] = [...document.matchAll(/```sql\n([^`]+)```/g)].map(([, sql = '']) => sql);
    expect(await rowsOf(rate)).toEqual([['kalem', 5, 1, 0.75]]);
    expect(await rowsOf(median)).toEqual([[9, 30, 3]]);
  });

  test('has meanings of view columns that AWS Glue, which takes 255 characters, does not cut', () => {
    const long = views.flatMap(({ name, columns }) =>
      Object.entries(columns).flatMap(([column, declared]) =>
        describeColumn(declared).length > 255 ? [`${name}.${column}`] : [],
      ),
    );
    expect(long).toEqual([]);
  });
});
