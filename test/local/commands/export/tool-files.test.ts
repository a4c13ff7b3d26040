import { expect, test } from 'vitest';
import { dbtFiles } from '../../../../local/commands/export/tools/dbt-files.ts';
import { evidenceFiles } from '../../../../local/commands/export/tools/evidence-files.ts';
import { supersetFiles } from '../../../../local/commands/export/tools/superset-files.ts';
import { GENERATED } from '../../../../local/commands/export/tools/tool-files.ts';
import { yamlText } from '../../../../local/commands/export/tools/yaml.ts';
import { relationsOf } from '../../../../schemas/derive/relations.ts';
import { viewsFor } from '../../../../schemas/views/views.ts';
import { allTables } from '../../../../scripts/all-tables.ts';

const views = { timeZone: 'UTC' };
const tables = await allTables();
const relations = relationsOf(tables, viewsFor(tables, views));
const input = { relations, views, copy: '/srv/our data/bi/callhouse.duckdb' };

test('YAML has a line for each value, and no text can be taken for another type', () => {
  const value = { a: ['no', { b: 1, c: [] }], 'd-e': { f: 'x: "y"\n', g: null }, h: [['i', true]] };
  expect(yamlText(value)).toBe(
    [
      'a:',
      '  - "no"',
      '  - b: 1',
      '    c: []',
      'd-e:',
      '  f: "x: \\"y\\"\\n"',
      '  g: null',
      'h:',
      '  - - "i"',
      '    - true',
      '',
    ].join('\n'),
  );
});

test('dbt gets every table and view with its columns, keys, words and parents', () => {
  const text = dbtFiles(input)['models/callhouse_sources.yml'] ?? '';
  const names = [...text.matchAll(/^ {6}- name: "(\w+)"$/gm)].map(([, name]) => name);
  expect(names).toEqual(relations.map(({ name }) => name));
  expect(text.match(/callhouse_unique_key/g)).toHaveLength(relations.length);
  expect([...text.matchAll(/^ {10}- name: /gm)]).toHaveLength(relations.flatMap(({ columns }) => columns).length);
  expect(text).toContain(`parent: "source('callhouse', 'kismet_organization_users')"`);
  expect(text).toContain('- "voicemail"');
  expect(dbtFiles(input)['profiles.yml']).toContain('path: "/srv/our data/bi/callhouse.duckdb"');
});

test('Superset opens the copy, whatever letters its path has', () => {
  const files = supersetFiles({ ...input, copy: '/srv/what? #1 & 50%/callhouse.duckdb' });
  const [, uri = ''] = /sqlalchemy_uri: "(.+)"/.exec(files['databases/Callhouse.yaml'] ?? '') ?? [];
  expect(decodeURIComponent(new URL(uri).pathname)).toBe('//srv/what? #1 & 50%/callhouse.duckdb');
});

test.each(['dbt', 'superset', 'evidence'] as const)('each file for %s says that it is generated', (tool) => {
  const make = { dbt: dbtFiles, superset: supersetFiles, evidence: evidenceFiles }[tool];
  const files = Object.entries(make(input, '/srv/project'));
  expect(files.length).toBeGreaterThan(3);
  expect(files.filter(([, text]) => !text.includes(GENERATED)).map(([name]) => name)).toEqual([]);
});

test('Superset gets a dataset for every table and view under an id that never changes, and the figures as metrics', () => {
  const files = supersetFiles(input);
  const uuids = Object.values(files).flatMap((text) => /^uuid: "(.+)"$/m.exec(text)?.[1] ?? []);
  expect(new Set(uuids).size).toBe(relations.length + 1);
  for (const uuid of uuids) expect(uuid).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(supersetFiles(input)).toEqual(files);
  expect(files['databases/Callhouse.yaml']).toContain(
    'duckdb:////srv/our%20data/bi/callhouse.duckdb?access_mode=READ_ONLY',
  );
  expect(files['datasets/Callhouse/calls_daily.yaml']).toContain('metric_name: "booking_rate"');
  expect(files['datasets/Callhouse/calls_hourly.yaml']).not.toContain('metric_name: "booking_rate"');
  expect(files['datasets/Callhouse/calls_hourly.yaml']).toContain('metric_name: "answer_rate"');
});
