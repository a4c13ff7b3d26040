import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../../ports.ts';

/** Fields that a line may contain: names, counts and times. All others are dropped, and `withheld` counts them. */
const ALLOWED = new Set(
  [
    'source account stream table at status reason check key exitCode',
    'requests records changed unchanged deleted rejected rows commits objects files checks failed',
    'ms waitMs tries repeats scannedBytes minutes',
  ].flatMap((names) => names.split(' ')),
);
/** Longest text of a field, in UTF-16 units. Names are shorter; a longer text may be content. */
const LONGEST_TEXT = 200;

/**
 * Writes JSON lines for CloudWatch Logs with Powertools. Only allowed fields are written.
 * @param persistent fields of every line
 */
export function powertoolsLog(persistent: Readonly<Record<string, string>> = {}): Log {
  const logger = new Logger({ serviceName: 'callhouse', persistentKeys: pick(persistent) });
  return (level, message, fields = {}) => logger[level](message, pick(fields));
}

function pick(fields: Readonly<Record<string, unknown>>): Record<string, string | number | boolean> {
  const kept: Record<string, string | number | boolean> = {};
  let withheld = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined) continue;
    const plain =
      typeof value === 'number' ||
      typeof value === 'boolean' ||
      (typeof value === 'string' && value.length <= LONGEST_TEXT);
    if (ALLOWED.has(name) && plain) kept[name] = value;
    else withheld += 1;
  }
  return withheld === 0 ? kept : { ...kept, withheld };
}
