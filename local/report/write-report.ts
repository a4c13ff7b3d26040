import { randomBytes } from 'node:crypto';
import { rename, unlink, writeFile } from 'node:fs/promises';
import type { Engine } from '../../functions/ports.ts';
import { readFacts } from './read-facts.ts';
import { reportPage } from './report-page.ts';

/** Writes the report of a warehouse, replacing the file atomically. */
export async function writeReport(engine: Engine, path: string): Promise<void> {
  const page = reportPage(await readFacts(engine), new Date());
  const temporary = `${path}.${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(temporary, page, { flag: 'wx', mode: 0o600 });
    await rename(temporary, path);
  } catch (error) {
    await unlink(temporary).catch(() => undefined);
    throw error;
  }
}
