import { cp, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { builtCli } from '../../helpers/built-cli.ts';
import { startProgram } from '../../helpers/callhouse.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../../', import.meta.url));
/** A source without a table, whose credential is known all the same. */
const NOVA = `
import { bearer } from '../source/auth.js';
import { defineSource } from '../source/source.js';
export default defineSource({
  name: 'nova',
  baseUrl: 'https://api.nova.example',
  auth: bearer('NOVA_API_KEY'),
  streams: { calls: { kind: 'collection', tables: [], path: '/calls', ask: () => ({}) } },
});`;
const FAULT = 'functions/sources/nova.ts: calls.tables: there is none';

/** Callhouse with one more source, which is declared wrongly, in a folder where Kalem is configured. */
async function withWrongSource() {
  const dist = dirname(dirname(await builtCli()));
  const root = await temporaryFolder();
  await cp(dist, join(root, 'dist'), { recursive: true });
  await cp(join(ROOT, 'package.json'), join(root, 'package.json'));
  await symlink(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  await writeFile(join(root, 'dist/functions/sources/nova.js'), NOVA);
  const { url } = await scriptedServer(({ path }) =>
    path.startsWith('/solum/')
      ? { json: { data: [{ id: 's1', started_at: '2026-11-01T08:00:00Z' }], pagination: { total: 1 } } }
      : { json: { data: [], current_page: 1, last_page: 1, total: 0 } },
  );
  const folder = join(root, 'work');
  await mkdir(folder);
  await writeFile(join(folder, 'callhouse.config.json'), '{ "sources": { "nova": { "maxRps": 1 } } }');
  const env = { KALEM_API_TOKEN: 't', KALEM_BASE_URL: url, KALEM_MAX_RPS: '1000', SOLUM_BASE_URL: `${url}/solum` };
  const callhouse = (args: string, more: Readonly<Record<string, string>> = {}) => {
    const command = [join(root, 'dist/local/cli.js'), ...args.split(' ').map((arg) => arg.replaceAll('&', ' '))];
    return startProgram(process.execPath, command, { cwd: folder, env: { ...env, ...more } }).ended;
  };
  /** Changes a column of `calls` of Kalem's table. */
  const changeAgent = async (expression: string) => {
    const file = join(root, 'dist/schemas/tables/kalem.js');
    const text = await readFile(file, 'utf8');
    await writeFile(
      file,
      text.replace(/agent: ['"][^'"]*['"],(?=\s+channel)/, `agent: ${JSON.stringify(expression)},`),
    );
  };
  const breakFile = (name: string) =>
    writeFile(join(root, 'dist/functions/sources', name), 'throw new Error("broken");');
  return { callhouse, breakFile, changeAgent };
}

test('a source that is declared wrongly disables its vendor alone, and each command names it', async () => {
  const { callhouse } = await withWrongSource();
  const plain = await callhouse('run');
  const doctor = await callhouse('doctor');
  expect(plain).toMatchObject({ code: 0, stderr: expect.stringContaining(`callhouse: warning: ${FAULT}`) });
  expect(plain.stdout).toContain('kalem');
  expect(doctor).toMatchObject({ code: 0, stdout: expect.stringContaining(`nobody uses it here: ${FAULT}`) });
  const credentials = { NOVA_API_KEY: 'k' };
  const run = await callhouse('run', credentials);
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(`callhouse: ${FAULT}`) });
  const [backfill, status, checked] = await Promise.all([
    callhouse('backfill --from 2026-10-01 --to 2026-10-01', credentials),
    callhouse('status --check', credentials),
    callhouse('doctor', credentials),
  ]);
  expect(backfill).toMatchObject({ code: 2, stderr: expect.stringContaining(`callhouse: ${FAULT}`) });
  expect(backfill.stdout).toMatch(/kalem .*complete/);
  expect(backfill.stderr).not.toContain('run the same command again');
  expect(status).toMatchObject({ code: 7, stderr: expect.stringContaining(`callhouse: ${FAULT}`) });
  expect(checked).toMatchObject({ code: 2, stdout: expect.stringContaining(`✗ declaration of nova: ${FAULT}`) });
});

test('what was loaded earlier stays visible while the file of its source cannot be loaded', async () => {
  const { callhouse, breakFile } = await withWrongSource();
  const credentials = { SOLUM_API_KEY: 'k' };
  expect(await callhouse('run solum', credentials)).toMatchObject({ code: 0 });
  await breakFile('solum.js');
  const fault = 'functions/sources/solum.ts cannot be loaded (Error: broken)';
  expect(await callhouse('run', credentials)).toMatchObject({ code: 2, stderr: expect.stringContaining(fault) });
  const counted = await callhouse('query --format csv select&source,count(*)&as&n&from&calls&group&by&source');
  expect(counted).toMatchObject({ code: 0, stdout: 'source,n\nsolum,1\n' });
  const held = await callhouse('rotate-hash-key', { CALLHOUSE_NEW_HASH_KEY: 'x'.repeat(40) });
  expect(held).toMatchObject({ code: 2, stderr: expect.stringContaining('their hashes would stay of the old key') });
  const erased = await callhouse('erase --call kalem:x --yes');
  expect(erased).toMatchObject({ code: 2, stderr: expect.stringContaining('they would not be erased') });
});

test.each([
  ['a syntax error', 'lower(agent', 'Parser Error: syntax error'],
  ['a function that does not exist', 'nope(agent)', 'Catalog Error: Scalar Function with name nope does not exist'],
])('%s in a column of calls disables its vendor alone', async (_what, expression, seen) => {
  const { callhouse, changeAgent } = await withWrongSource();
  const credentials = { SOLUM_API_KEY: 'k' };
  const count = 'query --format csv select&source,count(*)&as&n&from&calls&group&by&source';
  await changeAgent(expression);
  const fault = `functions/sources/kalem.ts: calls.tables.kalem_calls.calls.agent: "${expression}" cannot be computed (${seen}`;
  const run = await callhouse('run', credentials);
  expect(run).toMatchObject({ code: 2, stderr: expect.stringContaining(fault) });
  expect(run.stderr).toContain('try it with: callhouse check-source kalem. Other sources are not affected');
  expect(await callhouse(count)).toMatchObject({ code: 0, stdout: 'source,n\nsolum,1\n' });
  expect(await callhouse('query select&*&from&kalem_calls')).toMatchObject({ code: 0 });
  for (const command of ['export a.duckdb', 'export a --format csv', 'check', 'report', 'export b.duckdb --phi'])
    expect(await callhouse(command), command).toMatchObject({ code: 0 });
  expect(await callhouse('doctor')).toMatchObject({ code: 2, stdout: expect.stringContaining(fault) });
  const backfill = await callhouse('backfill kalem --from 2026-10-01 --to 2026-10-01');
  expect(backfill).toMatchObject({ code: 2, stderr: expect.stringContaining(fault) });
  await changeAgent('upper(agent)');
  expect(await callhouse('run', credentials)).toMatchObject({ code: 0 });
});
