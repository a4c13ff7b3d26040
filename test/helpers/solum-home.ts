import { makeHome } from './home.ts';
import { type SolumCall, solumServer } from './solum-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

/** A home that runs Solum alone. @param calls what the vendor lists; a test may change them */
export async function solumHome(calls: SolumCall[]) {
  const { url } = await solumServer(calls);
  const folder = await temporaryFolder();
  const env = { SOLUM_BASE_URL: url, SOLUM_API_KEY: 'key' };
  return { folder, home: makeHome(folder, { env, sources: ['solum'] }) };
}
