import type { Log, Ports } from '../../../functions/ports.ts';
import type { LoadResult } from '../../../functions/results.ts';
import type { Settings } from '../../../functions/settings.ts';
import type { BrokenSource } from '../../../functions/source/registry.ts';
import type { Shell } from '../../console/shell.ts';
import { openLocalPorts, timeLimitMs } from '../../ports/local-ports.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import type { Options } from '../command.ts';
import { readDataDir, readText, readWarehouse } from '../read-option.ts';
import { loadLake } from '../run/load-lake.ts';
import { type RunTarget, selectSound } from '../run/select-targets.ts';

/** Where a backfill reads from and writes to. */
export interface BackfillHome {
  /** Folder or bucket, for messages. */
  readonly name: string;
  readonly targets: readonly RunTarget[];
  /** Chosen sources whose declaration is wrong. @default none */
  readonly broken?: readonly BrokenSource[];
  readonly ports: Ports;
  readonly settings: Settings;
  /** Longest time for one chunk, ms. */
  readonly limitMs: number;
  /** Loads what was read; undefined if the loader of a stage does. */
  readonly load?: () => Promise<LoadResult>;
  /** Closes the warehouse, which extraction may have opened. */
  close(): Promise<void>;
}

/** The data directory of `--data-dir`, with the credentials of the environment. @throws ConfigError, StorageError */
export async function openLocalHome(
  names: readonly string[],
  options: Options,
  shell: Shell,
  log: Log,
): Promise<BackfillHome> {
  const env = withDotenv(shell.cwd, shell.env);
  const { sources, broken: wrong, stored } = await loadJudgedSources();
  const given = await readConfigFile(readText(options, 'config'), shell.cwd);
  const settings = withEnvironment(given, [...sources, ...wrong], env);
  const { targets, broken, unused } = selectSound(names, { sources, broken: wrong, settings, env });
  for (const { error } of unused) log('warn', error.message);
  const opened = await openLocalPorts({
    dataDir: readDataDir(options, shell),
    warehouse: readWarehouse(options, shell),
    env,
    settings,
    log,
    signal: shell.signal,
  });
  const { ports, dir, close } = opened;
  return {
    name: dir.name,
    targets,
    broken,
    ports,
    settings,
    limitMs: timeLimitMs(settings),
    load: () => loadLake({ dir, ports, settings, env, sources, stored, log }),
    close,
  };
}
