import { expect, test } from 'vitest';
import { erDiagram } from '../../../schemas/derive/er-diagram.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';

test('the diagram has a box for every table and view, and a line for every reference between them', async () => {
  const tables = await allTables();
  const views = viewsFor(tables, { timeZone: 'UTC' });
  const diagram = erDiagram(tables, views);
  const boxes = [...diagram.matchAll(/^ {2}(\w+) \{$/gm)].map(([, name]) => name);
  const own = ['call_versions', 'loads', 'rejects', 'checks'];
  expect(boxes).toEqual([...views.map(({ name }) => name), ...tables.map(({ name }) => name), ...own]);
  const lines = [...diagram.matchAll(/^ {2}(\w+) \|\|--o([{|]) (\w+) : "(.+)"$/gm)].map(([, ...parts]) =>
    parts.join(' '),
  );
  const declared = [...views, ...tables].flatMap(({ references = {} }) => Object.keys(references)).length;
  expect(lines.length).toBe(declared + tables.filter(({ calls }) => calls).length + 2);
  expect(lines).toContain('kismet_organization_users { kismet_calls account, organization_user_id = id');
  expect(lines).toContain('kismet_calls | kismet_sessions account, call_id = id as text');
  expect(lines).toContain('calls_daily { calls source, account, local_date = date');
  expect(lines).toContain('calls { call_versions source, account, call_id');
  for (const line of lines) for (const name of [line.split(' ')[0], line.split(' ')[2]]) expect(boxes).toContain(name);
});

test('every table and view that is referred to exists', async () => {
  const tables = await allTables();
  const views = viewsFor(tables, { timeZone: 'UTC' });
  const known = [...tables, ...views].map(({ name }) => name);
  const targets = [
    ...tables.flatMap(({ references = {} }) => Object.values(references)),
    ...views.flatMap(({ references = {} }) => Object.keys(references)),
  ];
  expect(targets.filter((name) => !known.includes(name))).toEqual([]);
});

test('without some of the tables, the diagram has no line to them', async () => {
  const tables = (await allTables()).filter(({ source }) => source === 'kalem');
  const diagram = erDiagram(tables, []);
  const boxes = [...diagram.matchAll(/^ {2}(\w+) \{$/gm)].map(([, name]) => name);
  const ends = [...diagram.matchAll(/^ {2}(\w+) \|\|--o[{|] (\w+) : /gm)].flatMap(([, from, to]) => [from, to]);
  expect(ends).not.toEqual([]);
  expect(ends.filter((name) => !boxes.includes(name))).toEqual([]);
});
