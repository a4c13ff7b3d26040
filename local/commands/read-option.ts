import { resolve } from 'node:path';
import { ConfigError } from '../../functions/errors.ts';
import { parseInstant } from '../../functions/time.ts';
import type { Shell } from '../console/shell.ts';
import type { Options } from './command.ts';

/** The text of an option; undefined if it was not given. */
export function readText(options: Options, name: string): string | undefined {
  const value = options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The absolute folder of `--data-dir`, or its bucket. */
export function readDataDir(options: Options, { cwd }: Pick<Shell, 'cwd'>): string {
  const text = readText(options, 'dataDir') ?? './data';
  return text.startsWith('s3://') ? text : resolve(cwd, text);
}

/**
 * The absolute file of `--warehouse`, used if the data directory is a bucket.
 * @throws ConfigError if the data directory is a folder, which has its own warehouse
 */
export function readWarehouse(options: Options, { cwd }: Pick<Shell, 'cwd'>): string | undefined {
  const text = readText(options, 'warehouse');
  if (text !== undefined && !readText(options, 'dataDir')?.startsWith('s3://')) {
    throw new ConfigError('--warehouse needs a bucket (--data-dir s3://…); a folder has its own warehouse.duckdb');
  }
  return resolve(cwd, text ?? './data/warehouse.duckdb');
}

/** A number within bounds. @throws ConfigError that names the bounds */
export function readNumber(
  options: Options,
  name: string,
  flag: string,
  { min, max, integer = true }: { readonly min: number; readonly max: number; readonly integer?: boolean },
): number | undefined {
  const text = readText(options, name);
  if (text === undefined) return undefined;
  const number = text.trim() === '' ? Number.NaN : Number(text);
  if (number >= min && number <= max && (!integer || Number.isInteger(number))) return number;
  throw new ConfigError(`${flag} is not a ${integer ? 'whole ' : ''}number from ${min} to ${max}`);
}

/** An instant with a time zone. @throws ConfigError */
export function readInstant(options: Options, name: string, flag: string): Date | undefined {
  const text = readText(options, name);
  if (text === undefined) return undefined;
  // `new Date` reads November 31 as December 1.
  const at = text.includes('T') ? parseInstant(text) : undefined;
  if (at === undefined) throw new ConfigError(`${flag} is not a valid instant: expected e.g. 2026-11-21T09:00:00Z`);
  if (!at.zoned) {
    throw new ConfigError(
      `${flag} has no time zone: expected Z or an offset, e.g. 2026-11-21T09:00:00Z or …T10:00:00+01:00`,
    );
  }
  return new Date(at.ms);
}
