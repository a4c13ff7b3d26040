import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { settingsSchema } from '../../functions/settings.ts';
import { listSources } from '../../functions/source/registry.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { testWarehouse } from '../helpers/warehouse.ts';

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

test('every SQL statement of the README runs', async () => {
  const text = await read('README.md');
  const inBlocks = [...text.matchAll(/```sql\n([^`]*)```/g)].flatMap(([, sql = '']) => sql.split(';'));
  const inCommands = [...text.matchAll(/callhouse query "([^"]*)"/g)].map(([, sql = '']) => sql);
  const statements = [...inBlocks, ...inCommands].filter((sql) => sql.trim() !== '');
  expect(statements.length).toBeGreaterThan(4);
  const engine = testWarehouse(join(await temporaryFolder(), 'data')).open();
  const sources = await listSources();
  await engine.prepare(sources.flatMap(({ streams }) => Object.values(streams).flatMap(({ tables }) => tables)));
  for (const sql of statements) await engine.query(sql);
  await engine.close();
});

test('README and .env.example name every credential, every setting and every table', async () => {
  const [readme, env] = await Promise.all([read('README.md'), read('.env.example')]);
  for (const { credentials, options = [], streams } of await listSources()) {
    for (const name of credentials) expect(env).toMatch(new RegExp(`^${name}=$`, 'm'));
    for (const name of [...credentials, ...options]) expect(readme).toContain(name);
    for (const { tables } of Object.values(streams))
      for (const { name } of tables) expect(readme).toContain(`\`${name}\``);
  }
  const { sources, ...settings } = settingsSchema.shape;
  const names = [
    ...Object.keys(settings),
    ...Object.keys(sources.def.innerType.valueType.shape).map((name) => `sources.<name>.${name}`),
  ];
  for (const name of names) expect(readme).toContain(`\`${name}\``);
});

test('README and both guides say that callhouse is not de-identified', async () => {
  for (const page of ['README.md', 'docs/privacy.md', 'docs/aws.md']) {
    const text = (await read(page)).replaceAll('**', '');
    expect({ page, says: /not de-identified/.test(text) && /limited data set/.test(text) }).toEqual({
      page,
      says: true,
    });
  }
});
