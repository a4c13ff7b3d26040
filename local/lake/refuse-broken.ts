import { ConfigError } from '../../functions/errors.ts';
import { foldersIn } from '../../functions/lake/folders-in.ts';
import { undeclaredSources } from '../../functions/lake/undeclared-sources.ts';
import type { Log, Store } from '../../functions/ports.ts';
import type { BrokenSource } from '../../functions/source/registry.ts';

/**
 * Refuses work that must reach every record of a lake, if it holds records of a source whose declaration is wrong.
 * @param why what would happen to them, for the message
 * @throws ConfigError that names the file and its fault
 */
export async function refuseBroken(store: Store, broken: readonly BrokenSource[], why: string): Promise<void> {
  for (const { name, error } of broken)
    if ((await foldersIn(store, `commits/${name}/`)).length > 0)
      throw new ConfigError(`${error.message}. The lake holds records of ${name}, and ${why}: correct the file first`);
}

/**
 * Warns if a lake holds records of sources that nothing declares, because their files are gone: nobody can read these.
 * @param known names of the declared sources
 * @param why what happens to the records, for the message
 */
export async function warnOfUndeclared(
  store: Store,
  { known, why, log }: { readonly known: readonly string[]; readonly why: string; readonly log: Log },
): Promise<void> {
  for (const name of await undeclaredSources(store, known))
    log(
      'warn',
      `the lake holds records of ${name}, which no file declares, and ${why}: put its files back, and run this again`,
    );
}
