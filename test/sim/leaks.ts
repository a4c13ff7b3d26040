import { CALLS, OPT_OUTS, type Say } from './expect.ts';
import type { Row, Tables } from './fold.ts';
import type { Ended } from './process.ts';
import { factsOf, type SourceName } from './product.ts';
import { isVisible, type Rec } from './world.ts';

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
function objectsWith(lake: ReadonlyMap<string, Uint8Array>, { id }: Rec): string[] {
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

/** What opted-out calls are looked for in. */
interface Kept {
  readonly calls: ReadonlyMap<string, Rec>;
  readonly lake: ReadonlyMap<string, Uint8Array>;
  /** Objects that a commit named. */
  readonly named: ReadonlySet<string>;
  readonly say: Say;
}

/** Calls that the table knows as opted out: when a run ends with 0, no object that a commit names may hold their content. */
export function checkPurged({ calls, lake, named, say }: Kept, source: SourceName, tables: Tables): void {
  const column = OPT_OUTS[source];
  for (const rec of column === undefined ? [] : calls.values()) {
    const row = rec.optOut ? tables.get(CALLS[source].table)?.get(rec.id) : undefined;
    if (row?.value(column ?? '') !== true) continue;
    if (objectsWith(lake, rec).some((key) => named.has(key)))
      say('I8', 'purge-undone', `a run ends with 0 and content of opted-out call ${rec.id} is kept`);
  }
}

/** Checks that nothing holds content of a call that is listed and opted out. */
export function checkOptedOut({ calls, lake, named, say }: Kept): void {
  for (const rec of calls.values()) {
    if (!rec.optOut || !isVisible(rec)) continue;
    const held = objectsWith(lake, rec);
    if (held.some((key) => named.has(key))) say('I6', 'kept', `content of opted-out call ${rec.id} is kept`);
    else if (held.length > 0)
      say('I6', 'kept-unnamed', `content of opted-out call ${rec.id} is kept in what no commit names`);
  }
}
