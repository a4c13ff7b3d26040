import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { listSources } from '../../functions/source/registry.ts';
import { addToEnvironment, addToReadme } from '../../scripts/source-lines.ts';
import oauthPhone from '../fixtures/sources/oauth-phone.ts';

const read = (name: string) => readFile(new URL(`../../${name}`, import.meta.url), 'utf8');

test('README and .env.example name every source already', async () => {
  const sources = await listSources();
  expect(addToReadme(await read('README.md'), sources)).toBe(await read('README.md'));
  expect(addToEnvironment(await read('.env.example'), sources)).toBe(await read('.env.example'));
});

test('a new source gets a row of each table of the README, at its end, and its variables before the other settings', async () => {
  const readme = addToReadme(await read('README.md'), [oauthPhone]);
  const row =
    '| Oauth Phone | `OAUTH_PHONE_CLIENT_ID`, `OAUTH_PHONE_CLIENT_SECRET`, `OAUTH_PHONE_ACCOUNT_ID` | calls |';
  expect(readme).toContain(`${row}\n\n`);
  expect(readme).toContain('|\n| `oauth_phone_calls` | call |\n\n');
  const env = addToEnvironment(await read('.env.example'), [oauthPhone]);
  expect(env).toContain(
    '\n\nOAUTH_PHONE_CLIENT_ID=\nOAUTH_PHONE_CLIENT_SECRET=\nOAUTH_PHONE_ACCOUNT_ID=\n\n# Another origin',
  );
  expect(addToReadme(readme, [oauthPhone])).toBe(readme);
  expect(addToEnvironment(env, [oauthPhone])).toBe(env);
});

test('sources are short: the four vendors together, and each fixture without its tables', async () => {
  const linesOf = async (name: string) => (await read(name)).trimEnd().split('\n');
  const vendors = await Promise.all(
    ['kismet', 'solum', 'zudu', 'kalem'].map((name) => linesOf(`functions/sources/${name}.ts`)),
  );
  expect(vendors.flat().length).toBeLessThanOrEqual(350);
  for (const name of ['postbox', 'capped', 'oauth-phone', 'quo', 'figures']) {
    const lines = await linesOf(`test/fixtures/sources/${name}.ts`);
    const own = lines.slice(lines.findIndex((line) => line.startsWith('export default')));
    expect({ name, isShort: own.length > 10 && own.length <= 30 }).toEqual({ name, isShort: true });
  }
});
