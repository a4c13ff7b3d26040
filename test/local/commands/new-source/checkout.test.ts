import { mkdir, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { findCheckout, isBuilt } from '../../../../local/commands/new-source/checkout.ts';
import { checkoutCopy } from '../../../helpers/checkout-copy.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

test('a checkout is found from its own files and from the built ones, and nowhere else', async () => {
  const root = await checkoutCopy();
  expect(findCheckout(join(root, 'local/commands/x.ts'))).toEqual({ root, isBuilt: false });
  expect(findCheckout(join(root, 'dist/local/commands/x.js'))).toEqual({ root, isBuilt: true });
  const elsewhere = await temporaryFolder();
  await writeFile(join(elsewhere, 'package.json'), '{ "name": "callhouse" }');
  expect(findCheckout(join(elsewhere, 'dist/local/x.js'))).toBeUndefined();
  await writeFile(join(root, 'package.json'), '{ "name": "other" }');
  expect(findCheckout(join(root, 'local/x.ts'))).toBeUndefined();
});

test('a source is built unless its file or that of its tables is newer than what the build made of it', async () => {
  const root = await checkoutCopy();
  const write = async (file: string, at: number) => {
    await mkdir(dirname(join(root, file)), { recursive: true });
    await writeFile(join(root, file), '');
    await utimes(join(root, file), at, at);
  };
  const isNovaBuilt = () => isBuilt({ root, isBuilt: true }, 'nova');
  await write('functions/sources/nova.ts', 100);
  expect(isNovaBuilt()).toBe(false);
  await write('dist/functions/sources/nova.js', 200);
  expect(isNovaBuilt()).toBe(true);
  await write('schemas/tables/nova.ts', 300);
  await write('dist/schemas/tables/nova.js', 200);
  expect(isNovaBuilt()).toBe(false);
  expect(isBuilt({ root, isBuilt: false }, 'nova')).toBe(true);
  expect(isBuilt({ root, isBuilt: true }, 'absent')).toBe(true);
});
