import { cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { Engines } from './engines.ts';
import { runProgram } from './programs.ts';

/** Outputs of the stacks, by stack. */
export type Outputs = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** Folder of the app as it is committed. */
export const PROJECT = resolve(import.meta.dirname, '../..');
const COPIED = ['infra', 'functions', 'local', 'schemas', 'scripts'];
const DEPLOY_MS = 600_000;

/** The stock CDK CLI, in one folder of the app, which it makes templates of once for each stage. */
export function cdkIn(folder: string, { env, run }: Engines, baseUrls: Readonly<Record<string, string>>) {
  const cdk = (...args: readonly string[]) =>
    runProgram(join(folder, 'node_modules/.bin/cdk'), args, {
      cwd: folder,
      env: { ...env, ...baseUrls, CI: '1', NO_COLOR: '1' },
      timeoutMs: DEPLOY_MS,
    });
  const made = new Map<string, string>();
  const appOf = (stage: string): readonly string[] => {
    const known = made.get(stage);
    if (known !== undefined) return ['--app', known];
    const out = join(run, `cdk-${stage}-${Date.now()}`);
    made.set(stage, out);
    return ['-c', `stage=${stage}`, '--output', out];
  };
  return {
    bootstrap: () => cdk('bootstrap', 'aws://000000000000/us-east-1'),
    async deploy(stage = 'dev'): Promise<Outputs> {
      const outputs = join(run, `outputs-${stage}.json`);
      const options = ['--require-approval', 'never', '--outputs-file', outputs];
      await cdk('deploy', '--all', ...appOf(stage), ...options);
      return JSON.parse(await readFile(outputs, 'utf8')) as Outputs;
    },
    async destroy(stage: string, ...stacks: readonly string[]): Promise<void> {
      await cdk('destroy', ...(stacks.length > 0 ? stacks : ['--all']), ...appOf(stage), '--force');
    },
  };
}

/** Types of resource in the templates that the last deployments made. */
export async function typesIn(run: string): Promise<readonly string[]> {
  const types = new Set<string>();
  for (const folder of (await readdir(run)).filter((name) => name.startsWith('cdk-'))) {
    for (const file of (await readdir(join(run, folder))).filter((name) => name.endsWith('.template.json'))) {
      const { Resources: resources } = JSON.parse(await readFile(join(run, folder, file), 'utf8')) as {
        Resources: Record<string, { Type: string }>;
      };
      for (const { Type: type } of Object.values(resources)) types.add(type);
    }
  }
  return [...types].sort();
}

/** Copies the app and adds a column to one table, as its owner would: a line in `schemas/tables/`, and its id pinned. */
export async function copyWithColumn(
  { run }: Engines,
  { file, before, line }: { readonly file: string; readonly before: string; readonly line: string },
): Promise<string> {
  const folder = join(run, 'changed');
  await mkdir(folder);
  for (const name of COPIED) await cp(join(PROJECT, name), join(folder, name), { recursive: true });
  for (const name of ['package.json', 'package-lock.json', 'tsconfig.json', 'cdk.json', 'callhouse.config.ts'])
    await cp(join(PROJECT, name), join(folder, name));
  await symlink(join(PROJECT, 'node_modules'), join(folder, 'node_modules'));
  const table = join(folder, 'schemas/tables', file);
  const text = await readFile(table, 'utf8');
  const changed = text.replace(before, `${line}\n    ${before}`);
  if (changed === text) throw new Error(`${file} has no line that begins ${before}`);
  await writeFile(table, changed);
  await runProgram(join(folder, 'node_modules/.bin/tsx'), ['scripts/pin-field-ids.ts'], { cwd: folder });
  return folder;
}
