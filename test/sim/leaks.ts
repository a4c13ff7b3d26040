import type { Say } from './expect.ts';
import type { Row } from './fold.ts';
import type { Ended } from './process.ts';
import { factsOf } from './product.ts';
import type { Rec } from './world.ts';

/** Matches text that no log line, message or safe column may show: content, telephone numbers, credentials, addresses. */
const FORBIDDEN = /SECRET|\+1555\d{6}|CREDENTIAL|vendor\.test/;

/** A column that `callhouse` holds shows something sensitive. */
export function isUnsafe({ value }: Row, table: string): boolean {
  const facts = factsOf(table);
  for (const place of facts?.safe ?? []) {
    const seen = value(facts?.names[place] ?? '');
    if (typeof seen === 'string' && FORBIDDEN.test(seen)) return true;
  }
  return false;
}

/** Checks I6 in the log lines and the result of a run. */
export function checkSilence({ process, result }: Ended, say: Say): void {
  if (process.lines.some(({ text }) => FORBIDDEN.test(text)))
    say('I6', 'log', 'a line of the log shows what it must not');
  if (result && FORBIDDEN.test(JSON.stringify(result))) say('I6', 'result', 'a result shows what it must not');
}

/** Raw and staged objects that hold content of this call, in any version. */
export function objectsWith(lake: ReadonlyMap<string, Uint8Array>, { id }: Rec): string[] {
  const content = Buffer.from(`SECRET-${id}-r`);
  const found: string[] = [];
  for (const [key, body] of lake) {
    if (!key.startsWith('raw/') && !key.startsWith('staging/')) continue;
    if (Buffer.from(body.buffer, body.byteOffset, body.byteLength).includes(content)) found.push(key);
  }
  return found;
}

/** Ids of calls that were removed and blanked, and of which an object still holds content. */
export function keptBlanked(
  rows: ReadonlyMap<string, Row> = new Map(),
  calls: ReadonlyMap<string, Rec>,
  lake: ReadonlyMap<string, Uint8Array>,
): readonly string[] {
  const blanked = [...rows].flatMap(([key, { op }]) => (op === 'blank' ? (calls.get(key) ?? []) : []));
  return blanked.filter((rec) => objectsWith(lake, rec).length > 0).map(({ id }) => id);
}
