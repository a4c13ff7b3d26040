import { ConfigError } from '../functions/errors.ts';
import { tablesOf } from '../functions/load/plan.ts';
import type { BrokenSource } from '../functions/source/registry.ts';
import { DATABASES } from '../schemas/derive/databases.ts';
import type { FieldIds } from '../schemas/derive/field-ids.ts';
import type { SourceInfo, StageSettings } from './config.ts';

/** The stage to synthesize, and the tables that may be deployed. */
interface Judged {
  /** Sources whose declaration is right. */
  readonly sound: readonly SourceInfo[];
  readonly stage: string;
  readonly settings: Pick<StageSettings, 'sources'>;
  readonly fieldIds: FieldIds;
}

/**
 * Judges sources whose declaration is wrong. One that the stage does not name is left alone; its tables stay, as those of any source.
 * @returns warnings
 * @throws ConfigError if the stage names one, or if tables that may be deployed would be removed because they cannot be read
 */
export function judgeBroken(
  broken: readonly BrokenSource[],
  { sound, stage, settings, fieldIds }: Judged,
): readonly string[] {
  return broken.map((source) => {
    const { name, error } = source;
    if (settings.sources[name])
      throw new ConfigError(
        `${error.message}. Stage ${stage} names ${name}: correct the file, or take ${name} out of stages.${stage}.sources in callhouse.config.ts`,
      );
    const known = new Set(tablesOf([...sound, source]).map((table) => table.name));
    const lost = pinnedTables(name, fieldIds).filter((table) => !known.has(table));
    if (lost.length === 0) return `${error.message}. Stage ${stage} does not name ${name}, and is not affected`;
    throw new ConfigError(
      `${error.message}. Stage ${stage} does not name ${name}, but may have its tables, which cannot be read and would be removed: ${lost.join(', ')}; correct the file, or restore the last one that worked`,
    );
  });
}

/** Tables of a source that have field ids, and so may be deployed. */
function pinnedTables(source: string, fieldIds: FieldIds): readonly string[] {
  const prefix = `${DATABASES.safe}.${source}_`;
  return Object.keys(fieldIds).flatMap((key) => (key.startsWith(prefix) ? [key.slice(DATABASES.safe.length + 1)] : []));
}
