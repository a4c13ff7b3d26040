import { cp, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { DeclarationError } from '../../functions/errors.ts';
import type { BrokenSource } from '../../functions/source/registry.ts';
import { judgeBroken } from '../../infra/broken-sources.ts';
import fieldIds from '../../schemas/field-ids.json' with { type: 'json' };
import { startProgram } from '../helpers/callhouse.ts';
import { programOf } from '../helpers/checkout-copy.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { vendorSources } from '../helpers/vendors.ts';

const sources = await vendorSources();
const kalem = sources.find(({ name }) => name === 'kalem');

/** Kalem with a wrong file. @param streams those whose tables are known */
const broken = (streams: BrokenSource['streams']): BrokenSource => ({
  ...{ name: 'kalem', credentials: [], streams },
  error: new DeclarationError('functions/sources/kalem.ts: calls.path: it is not a path'),
});

const judge = (source: BrokenSource, named: readonly string[]) =>
  judgeBroken([source], {
    sound: sources.filter(({ name }) => name !== source.name),
    stage: 'dev',
    settings: { sources: Object.fromEntries(named.map((name) => [name, {}])) },
    fieldIds,
  });

describe('a source whose declaration is wrong', () => {
  test('is refused if the stage names it: the message names the file and the fault', () => {
    expect(() => judge(broken(kalem?.streams ?? {}), ['kalem'])).toThrow(
      'functions/sources/kalem.ts: calls.path: it is not a path. Stage dev names kalem: correct the file, or take kalem out of stages.dev.sources',
    );
  });

  test('is a warning for other stages, which keep its tables', () => {
    expect(judge(broken(kalem?.streams ?? {}), ['solum'])).toEqual([
      'functions/sources/kalem.ts: calls.path: it is not a path. Stage dev does not name kalem, and is not affected',
    ]);
  });

  test('is refused if its tables may be deployed and cannot be read, because they would be removed', () => {
    expect(() => judge(broken({}), ['solum'])).toThrow('would be removed: kalem_calls; correct the file');
    expect(judge({ ...broken({}), name: 'nova' }, ['solum'])).toHaveLength(1);
  });
});

test('a column of calls that cannot be computed is refused before anything is deployed', async () => {
  const folder = await temporaryFolder();
  const root = fileURLToPath(new URL('../../', import.meta.url));
  for (const part of ['functions', 'schemas', 'local', 'infra', 'callhouse.config.ts', 'package.json'])
    await cp(join(root, part), join(folder, part), { recursive: true });
  await symlink(join(root, 'node_modules'), join(folder, 'node_modules'));
  const table = join(folder, 'schemas/tables/kalem.ts');
  await writeFile(table, (await readFile(table, 'utf8')).replace("agent: 'agent',", "agent: 'lower(agent',"));
  const synth = await startProgram(programOf('tsx'), ['infra/app.ts'], { cwd: folder }).ended;
  expect(synth).toMatchObject({ code: 2, stdout: '' });
  expect(synth.stderr).toContain('calls.tables.kalem_calls.calls.agent: "lower(agent" cannot be computed');
  expect(synth.stderr).toContain('Stage dev names kalem: correct the file, or take kalem out of');
});
