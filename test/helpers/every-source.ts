import { readdir } from 'node:fs/promises';
import type { Source } from '../../functions/source/source.ts';
import { vendorSources } from './vendors.ts';

const FIXTURES = new URL('../fixtures/sources/', import.meta.url);

/** The four vendors, and the sources under `test/fixtures/sources/`. */
export async function everySource(): Promise<readonly Source[]> {
  const files = (await readdir(FIXTURES)).filter((file) => file.endsWith('.ts')).sort();
  const modules = await Promise.all(files.map((file) => import(new URL(file, FIXTURES).href)));
  return [...(await vendorSources()), ...modules.map(({ default: source }): Source => source)];
}
