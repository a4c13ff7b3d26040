import { ConfigError } from '../../../functions/errors.ts';
import { durationMs } from '../../../functions/settings.ts';
import type { Window } from '../../../functions/source/source.ts';
import { DAY_MS, HOUR_MS, parseDay } from '../../../functions/time.ts';
import type { Options } from '../command.ts';
import { readInstant, readText } from '../read-option.ts';

const DAY = /^\d{4}-\d{2}-\d{2}$/;
/** Vendors give figures of a year at once, and more chunks than this are a slip. */
const MAX_CHUNK_MS = 366 * DAY_MS;
const MAX_CHUNKS = 10_000;

/** What `--from`, `--to` and `--chunk` ask for. */
export interface Stretch {
  readonly window: Required<Window>;
  readonly chunkMs: number;
}

/** Reads the stretch to be read again; a last day is meant whole. @throws ConfigError */
export function readStretch(options: Options): Stretch {
  const from = readMoment(options, 'from', 0);
  const to = readMoment(options, 'to', DAY_MS);
  if (from >= to) throw new ConfigError('--from is not before --to');
  const text = readText(options, 'chunk') ?? '7d';
  const chunkMs = /^[1-9]\d*[mhd]$/.test(text) ? durationMs(text) : Number.NaN;
  if (!(chunkMs >= HOUR_MS && chunkMs <= MAX_CHUNK_MS)) {
    throw new ConfigError('--chunk is no duration from 1h to 366d; expected one such as 12h or 7d');
  }
  const chunks = Math.ceil((to.getTime() - from.getTime()) / chunkMs);
  if (chunks > MAX_CHUNKS) throw new ConfigError(`that are ${chunks} chunks; expected ${MAX_CHUNKS} at most`);
  return { window: { from, to }, chunkMs };
}

/** @param add to a day, whose beginning it is otherwise */
function readMoment(options: Options, name: 'from' | 'to', add: number): Date {
  const text = readText(options, name);
  if (text === undefined)
    throw new ConfigError(`--${name} is missing; expected a day such as 2026-01-31, or an instant`);
  if (!DAY.test(text)) return readInstant(options, name, `--${name}`) ?? new Date(Number.NaN);
  const day = parseDay(text);
  if (day === undefined) throw new ConfigError(`--${name} is no day; expected one such as 2026-01-31`);
  return new Date(day * DAY_MS + add);
}
