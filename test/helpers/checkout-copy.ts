import { mkdir, readdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { temporaryFolder } from './temporary-folder.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
/** Entries of this checkout that a copy has for itself. */
const OWN = new Set(['sources', 'tables', 'field-ids.json']);

/** An empty checkout in a temporary folder, whose own files are those of this one: room for the files of a new source. */
export async function checkoutCopy(): Promise<string> {
  const folder = await temporaryFolder();
  for (const part of ['functions/sources', 'schemas/tables']) await mkdir(join(folder, part), { recursive: true });
  await symlink(join(ROOT, 'node_modules'), join(folder, 'node_modules'));
  for (const part of ['functions', 'schemas']) {
    const entries = (await readdir(join(ROOT, part))).filter((name) => !OWN.has(name));
    for (const name of entries) await symlink(join(ROOT, part, name), join(folder, part, name));
  }
  await writeFile(join(folder, 'package.json'), '{ "name": "callhouse", "type": "module" }');
  await writeFile(join(folder, 'schemas/field-ids.json'), '{}\n');
  const settings = { extends: join(ROOT, 'tsconfig.json'), include: ['functions/sources', 'schemas/tables'] };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(settings));
  return folder;
}

/** Path of a program of this checkout. */
export function programOf(name: string): string {
  return join(ROOT, 'node_modules/.bin', name);
}
