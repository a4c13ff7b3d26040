import { ConfigError } from '../../../functions/errors.ts';
import type { Window } from '../../../functions/source/page.ts';
import { DAY_MS, durationMs, HOUR_MS, isDuration, parseDay } from '../../../functions/time.ts';
import type { Options } from '../command.ts';
import { readInstant, readText } from '../read-option.ts';

/** Vendors give at most a year of figures in one answer. */
const MAX_CHUNK_MS = 366 * DAY_MS;
/** More chunks are most likely a typing error. */
const MAX_CHUNKS = 10_000;

/** The stretch of `--from` and `--to`, and the length of a chunk. */
export interface Stretch {
  readonly window: Required<Window>;
  readonly chunkMs: number;
}

/** Reads `--from`, `--to` and `--chunk`. A day given as `--to` is included. @throws ConfigError */
export function readStretch(options: Options): Stretch {
  const from = readMoment(options, 'from', 0);
  const to = readMoment(options, 'to', DAY_MS);
  if (from >= to) throw new ConfigError('--from is not before --to: expected an earlier day or instant');
  const text = readText(options, 'chunk') ?? '7d';
  const chunkMs = isDuration(text) ? durationMs(text) : Number.NaN;
  if (!(chunkMs >= HOUR_MS && chunkMs <= MAX_CHUNK_MS)) {
    throw new ConfigError('--chunk is not a duration from 1h to 366d: expected e.g. 12h or 7d');
  }
  const chunks = Math.ceil((to.getTime() - from.getTime()) / chunkMs);
  if (chunks > MAX_CHUNKS)
    throw new ConfigError(
      `--chunk splits the stretch into ${chunks} chunks; expected at most ${MAX_CHUNKS}, so choose a longer chunk`,
    );
  return { window: { from, to }, chunkMs };
}

/** @param add ms to add to the beginning of a day */
function readMoment(options: Options, name: 'from' | 'to', add: number): Date {
  const text = readText(options, name);
  if (text === undefined) throw new ConfigError(`--${name} is missing: expected a day, e.g. 2026-01-31, or an instant`);
  if (text.includes('T')) return readInstant(options, name, `--${name}`) ?? new Date(Number.NaN);
  const day = parseDay(text);
  if (day === undefined) throw new ConfigError(`--${name} is not a valid day: expected e.g. 2026-01-31, or an instant`);
  return new Date(day * DAY_MS + add);
}
