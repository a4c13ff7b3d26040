import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { checkDeclaration } from '../../../../functions/source/check-declaration.ts';
import type { Source } from '../../../../functions/source/source.ts';
import { checkConformance } from '../../../../local/commands/check-source/conformance.ts';
import { judgeCallsView } from '../../../../local/commands/check-source/judge-calls-view.ts';
import { newSource, openSample } from '../../../../local/commands/new-source/new-source-command.ts';
import { readSample } from '../../../../local/commands/new-source/read-sample.ts';
import { checkoutCopy, programOf } from '../../../helpers/checkout-copy.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const run = promisify(execFile);
const PAGE = new URL('../../../../docs/adding-a-source.md', import.meta.url);

/** Type-checks the source files in a copy of the checkout, loads one, and plays the conformance suite. */
async function compileAndCheck(root: string, name: string) {
  const compiled = await run(programOf('tsc'), ['-p', root, '--noEmit']).catch(({ stdout }) => ({ stdout }));
  expect(compiled.stdout).toBe('');
  const module = await import(/* @vite-ignore */ pathToFileURL(join(root, `functions/sources/${name}.ts`)).href);
  const source: Source = checkDeclaration(`${name}.ts`, name, module.default);
  const wrong: unknown[] = [];
  let ok = 0;
  for await (const result of checkConformance(source)) {
    if (result.outcome === 'ok') ok += 1;
    else if (!('notApplicable' in result.outcome)) wrong.push(result);
  }
  expect(wrong).toEqual([]);
  expect(await judgeCallsView(source)).toBe('ok');
  return { source, ok };
}

async function sampleOfPage(): Promise<string> {
  const text = await readFile(PAGE, 'utf8');
  return /```json sample\n([\s\S]*?)```/.exec(text)?.[1] ?? '';
}

describe('docs/adding-a-source.md', () => {
  test('has an example that compiles, is a sound declaration, and passes the conformance suite', async () => {
    const root = await checkoutCopy();
    const text = await readFile(PAGE, 'utf8');
    const blocks = [...text.matchAll(/```ts\n\/\/ (\S+)\n([\s\S]*?)```/g)];
    const files = blocks.flatMap(([, file]) => file ?? []);
    expect(files).toEqual(['schemas/tables/acme.ts', 'functions/sources/acme.ts', 'schemas/tables/acme_details.ts']);
    for (const [, file = '', code = ''] of blocks) await writeFile(join(root, file), code);
    const { source, ok } = await compileAndCheck(root, 'acme');
    expect(source.credentials).toEqual(['ACME_TOKEN']);
    expect(ok).toBe(12);
  });

  test('has an example of details that compiles, is a sound declaration, and passes the conformance suite', async () => {
    const root = await checkoutCopy();
    const text = await readFile(PAGE, 'utf8');
    for (const [, file = '', below, code = ''] of text.matchAll(
      /```ts\n\/\/ (\S+?)(?:, below: (.*))?\n([\s\S]*?)```/g,
    )) {
      const path = join(root, file);
      const before = below === undefined ? '' : await readFile(path, 'utf8');
      const end = below === undefined ? 0 : before.indexOf('\n', before.indexOf(below)) + 1;
      await writeFile(path, before.slice(0, end) + code + before.slice(end));
    }
    const { source, ok } = await compileAndCheck(root, 'acme');
    expect(Object.keys(source.streams)).toEqual(['calls', 'call_details']);
    expect(ok).toBe(19);
  });

  test('has a sample from which new-source makes a source that compiles and passes the conformance suite', async () => {
    const root = await checkoutCopy();
    const sample = readSample(await sampleOfPage(), 'sample.json');
    expect(await newSource({ root, name: 'acme', sample })).toEqual({
      files: ['schemas/tables/acme.ts', 'functions/sources/acme.ts', 'schemas/field-ids.json'],
      columns: 6,
      sensitive: 3,
      missing: [],
    });
    expect((await compileAndCheck(root, 'acme')).ok).toBe(12);
  });
});

/** What is written for a sample of these records. */
async function written(records: readonly object[], envelope = (list: readonly object[]): unknown => list) {
  const root = await checkoutCopy();
  await newSource({ root, name: 'nova', sample: readSample(JSON.stringify(envelope(records)), 'sample.json') });
  const read = (file: string) => readFile(join(root, file), 'utf8');
  const [table, source, ids] = await Promise.all(
    ['schemas/tables/nova.ts', 'functions/sources/nova.ts', 'schemas/field-ids.json'].map(read),
  );
  return { root, table: table ?? '', source: source ?? '', ids: JSON.parse(ids ?? '') };
}

describe('new-source', () => {
  test.each([
    { field: 'startedAt', value: '2026-11-01T09:00:00Z', column: "started_at: timestamp({ path: 'startedAt', doc" },
    { field: 'ended', value: 'Mon, 02 Nov 2026 09:00:00 GMT', column: "ended: timestamp({ path: 'ended', doc" },
    { field: 'end_time', value: 1793523600, column: "end_time: timestamp({ path: 'end_time', doc" },
    { field: 'day', value: '2026-11-01', column: "day_2: date({ path: 'day', doc" },
    { field: 'filename', value: 'a.wav', column: "filename_2: text({ path: 'filename', doc" },
    { field: 'birth_date', value: '1970-11-01', column: "birth_date: date({ path: 'birth_date', sensitive: true, doc" },
    { field: 'agent_id', value: 'a1', column: "agent_id: id({ path: 'agent_id', doc" },
    { field: 'patient_id', value: 'p1', column: "patient_id: text({ path: 'patient_id', hash: 'patient', doc" },
    { field: 'from', value: '+12025550100', column: "from: text({ path: 'from', hash: 'phone', doc" },
    { field: 'status', value: 'done', column: "status: text({ path: 'status', doc" },
    { field: 'note', value: null, column: "note: text({ path: 'note', doc" },
    { field: 'insurance', value: 123456789, column: "insurance: bigint({ path: 'insurance', sensitive: true, doc" },
    { field: 'seconds', value: 12, column: "seconds: bigint({ path: 'seconds', doc" },
    { field: 'score', value: 0.5, column: "score: double({ path: 'score', doc" },
    { field: 'cost', value: 0.5, column: "cost: decimal({ path: 'cost', doc" },
    { field: 'answered', value: true, column: "answered: boolean({ path: 'answered', doc" },
    {
      field: 'recording',
      value: 'https://a/b',
      column: "recording: text({ path: 'recording', url: true, doc",
    },
    { field: 'tags', value: ['a'], column: "tags: json({ path: 'tags', doc" },
    { field: 'waits', value: [1, 2], column: "waits: doubles({ path: 'waits', doc" },
    { field: 'agent', value: { name: 'A' }, column: "agent_name: text({ path: 'agent.name', doc" },
    { field: 'days', value: { '2026-11-01': 1 }, column: "days: json({ path: 'days', doc" },
  ])('guesses a column for $field', async ({ field, value, column }) => {
    const { table } = await written([{ id: 'c1', [field]: value }, { id: 'c2' }]);
    expect(table).toContain(column);
    expect(table).toContain("id: id({ path: 'id', nullable: false, doc");
  });

  test.each([
    [
      { phone: '+12025550100', phone_hash: 'a1' },
      ["phone: text({ path: 'phone', hash", "phone_hash_2: text({ path: 'phone_hash'"],
    ],
    [
      { phone_hash: 'a1', phone: '+12025550100' },
      ["phone_hash: text({ path: 'phone_hash'", "phone_2: text({ path: 'phone', hash"],
    ],
  ])('gives no column the name of the hash of another: %j', async (fields, columns) => {
    const { table } = await written([{ id: 'c1', ...fields }, { id: 'c2' }]);
    for (const column of columns) expect(table).toContain(column);
  });

  test('pins the ids of the fields in both databases, and writes no value of the sample', async () => {
    const { table, source, ids } = await written([{ id: 'Canary', note: 'Canary', agent: { Canary_id: 7 } }]);
    expect(Object.keys(ids)).toEqual(expect.arrayContaining(['callhouse.nova_calls', 'callhouse_phi.nova_calls']));
    expect(ids['callhouse_phi.nova_calls']).toMatchObject({ account: 1, id: 2, note: 3 });
    expect(Object.keys(ids['guessed'])).toEqual(
      expect.arrayContaining(['callhouse.nova_calls', 'callhouse_phi.nova_calls']),
    );
    expect((table + source).match(/canary/gi)).toEqual(['canary', 'Canary', 'Canary']);
  });

  test('finds the list and its parts in an envelope, and writes what the formatter accepts', async () => {
    const { root, source } = await written([{ id: 'c1', started_at: '2026-11-01T09:00:00Z' }], (list) => ({
      result: { items: list, page: 1, total_count: 7, has_more: false },
    }));
    expect(source).toContain('ask: ({ page, size }) => ({ query: { page, limit: size } }),');
    for (const part of [
      "records: 'result.items'",
      "page: 'result.page'",
      "total: 'result.total_count'",
      "more: 'result.has_more'",
    ])
      expect(source).toContain(part);
    const files = ['functions/sources/nova.ts', 'schemas/tables/nova.ts'].map((file) => join(root, file));
    await run(programOf('biome'), ['format', '--config-path', process.cwd(), '--vcs-enabled=false', ...files]);
  });

  test('leaves no file behind if one cannot be written, and then begins again', async () => {
    const root = await checkoutCopy();
    await rm(join(root, 'functions/sources'), { recursive: true });
    const make = () => newSource({ root, name: 'nova', sample: undefined });
    await expect(make()).rejects.toThrow(
      'functions/sources/nova.ts cannot be written (ENOENT), and nothing was; make its folder writable, then try again',
    );
    expect(await readdir(join(root, 'schemas/tables'))).toEqual([]);
    expect(await readFile(join(root, 'schemas/field-ids.json'), 'utf8')).toBe('{}\n');
    await mkdir(join(root, 'functions/sources'));
    expect((await make()).files).toHaveLength(3);
  });

  test.each(['utf8', 'utf16le'] as const)('reads a sample in %s with a byte order mark', async (encoding) => {
    const file = join(await temporaryFolder(), 'sample.json');
    await writeFile(file, '\ufeff[{"id":"c1"}]', encoding);
    expect((await openSample(file, 'sample.json')).records).toEqual([{ id: 'c1' }]);
    await expect(openSample(`${file}x`, 'sample.json')).rejects.toThrow('sample.json cannot be read (ENOENT)');
  });

  test('says what it could not guess', async () => {
    const root = await checkoutCopy();
    const sample = readSample('[{"id":"c1","from":"+12025550100","to":"+12025550101"}]', 'sample.json');
    expect((await newSource({ root, name: 'nova', sample })).missing).toEqual([
      expect.stringContaining('not guessed: when a call starts'),
      expect.stringContaining('not guessed: callerNumber'),
    ]);
  });

  test('overwrites nothing', async () => {
    const root = await checkoutCopy();
    await newSource({ root, name: 'nova', sample: undefined });
    await writeFile(join(root, 'functions/sources/nova.ts'), '// mine');
    await expect(newSource({ root, name: 'nova', sample: undefined })).rejects.toThrow(
      'schemas/tables/nova.ts exists already and is not overwritten; remove it, or choose another name',
    );
    expect(await readFile(join(root, 'functions/sources/nova.ts'), 'utf8')).toBe('// mine');
  });

  test('gives a field that is called like a word of SQL a name of its own', async () => {
    const record = { id: 'c1', at: '2026-11-01T09:00:00Z', end: '2026-11-01T09:01:00Z', to: '+12025550100', order: 7 };
    const { root, table } = await written([record]);
    for (const name of ['at', 'end', 'to', 'order']) expect(table).toContain(`    call_${name}: `);
    expect((await compileAndCheck(root, 'nova')).ok).toBeGreaterThan(7);
  });

  test('without a sample writes files to fill in, which are sound', async () => {
    const root = await checkoutCopy();
    await newSource({ root, name: 'plain_voice', sample: undefined });
    expect((await compileAndCheck(root, 'plain_voice')).ok).toBeGreaterThan(7);
  });

  test.each([
    { says: 'a name that is none', name: 'Nova', text: '[{"id":"1"}]', error: '"Nova" is not a name of a source' },
    { says: 'a sample without records', name: 'nova', text: '[]', error: 'sample.json has no record' },
    { says: 'an empty list', name: 'nova', text: '{"calls":[]}', error: 'sample.json has no record' },
    { says: 'a sample that is not JSON', name: 'nova', text: '<html>', error: 'sample.json is not JSON' },
    {
      says: 'a sample without a key',
      name: 'nova',
      text: '[{"a":1}]',
      error: 'no field of the sample identifies a record (a)',
    },
    {
      says: 'a record whose longest list has no key',
      name: 'nova',
      text: '{"call_reference":"1","turns":[{"role":"agent"}]}',
      error: 'no field of the list turns of the sample identifies a record (role)',
    },
    {
      says: 'a key that repeats',
      name: 'nova',
      text: '[{"id":"1"},{"id":"1"}]',
      error: 'no field of the sample identifies',
    },
  ])('refuses $says', async ({ name, text, error }) => {
    const root = await checkoutCopy();
    await expect(async () => newSource({ root, name, sample: readSample(text, 'sample.json') })).rejects.toThrow(error);
  });
});
