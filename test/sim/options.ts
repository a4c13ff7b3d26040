import { availableParallelism } from 'node:os';
import { parseArgs } from 'node:util';
import { FEATURES, type Feature } from './features.ts';
import { SOURCES, type SourceName } from './product.ts';

/** Options of the command line. */
export interface SimOptions {
  readonly seeds: number;
  readonly from: number;
  readonly source?: SourceName;
  /** Every seed has this feature. */
  readonly forced?: Feature;
  readonly jobs: number;
  /** A file to replay instead of seeds. */
  readonly scenario?: string;
  readonly shrinks: boolean;
  /** Stops at the first new violation. */
  readonly stops: boolean;
  /** A worker prints its tallies for the parent to add up. */
  readonly worker: boolean;
}

/** Reads `--seeds N --seed K --source S --with FEATURE --jobs J --scenario FILE --no-shrink`. */
export function readOptions(args: readonly string[]): SimOptions {
  const { values } = parseArgs({
    args: [...args],
    allowNegative: true,
    options: {
      seeds: { type: 'string', default: '200' },
      seed: { type: 'string' },
      source: { type: 'string' },
      with: { type: 'string' },
      jobs: { type: 'string', default: String(availableParallelism()) },
      scenario: { type: 'string' },
      shrink: { type: 'boolean', default: true },
      stop: { type: 'boolean', default: false },
      worker: { type: 'boolean', default: false },
    },
  });
  const { source, with: forced } = values;
  if (source !== undefined && !Object.hasOwn(SOURCES, source))
    throw new Error(`--source is ${source}; expected one of ${Object.keys(SOURCES).join(', ')}`);
  if (forced !== undefined && !FEATURES.some((feature) => feature === forced))
    throw new Error(`--with is ${forced}; expected one of ${FEATURES.join(', ')}`);
  return {
    // One seed alone is replayed; with --seeds they are counted from it.
    seeds: values.seed !== undefined && !args.includes('--seeds') ? 1 : integer(values.seeds, '--seeds'),
    from: integer(values.seed ?? '1', '--seed'),
    jobs: Math.max(1, integer(values.jobs, '--jobs')),
    shrinks: values.shrink,
    stops: values.stop,
    worker: values.worker,
    ...(source === undefined ? {} : { source: source as SourceName }),
    ...(forced === undefined ? {} : { forced: forced as Feature }),
    ...(values.scenario === undefined ? {} : { scenario: values.scenario }),
  };
}

function integer(text: string, name: string): number {
  if (/^\d+$/.test(text)) return Number(text);
  throw new Error(`${name} is ${text}; expected an integer`);
}
