import { Logger } from '@aws-lambda-powertools/logger';
import type { Log } from '../../ports.ts';

/** Fields a line may hold: names, counts and times. A field that is not here is left out, and counted. */
const ALLOWED = new Set(
  [
    'source account stream table at status reason check key exitCode',
    'requests records changed unchanged deleted rejected rows commits objects files checks failed',
    'ms waitMs tries repeats scannedBytes minutes',
  ].flatMap((names) => names.split(' ')),
);
/** Longest text of a field: a name is short, and what is longer is none. */
const LONGEST = 200;

/** Lines of JSON for CloudWatch Logs, by Powertools; nothing but what is allowed. */
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
      typeof value === 'number' || typeof value === 'boolean' || (typeof value === 'string' && value.length <= LONGEST);
    if (ALLOWED.has(name) && plain) kept[name] = value;
    else withheld += 1;
  }
  return withheld === 0 ? kept : { ...kept, withheld };
}
