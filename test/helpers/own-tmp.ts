import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Gives the test suite one temporary folder, and removes it at the end with everything in it. */
export default async function ownTmp(): Promise<() => Promise<void>> {
  const folder = await mkdtemp(join(tmpdir(), 'callhouse-test-'));
  // Tests run as other users too.
  await chmod(folder, 0o711);
  process.env['TMPDIR'] = folder;
  return () => rm(folder, { recursive: true, force: true });
}
