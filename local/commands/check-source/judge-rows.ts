import type { StreamResult } from '../../../functions/results.ts';
import type { Finding } from './case.ts';
import type { MadeRecord } from './made-list.ts';
import type { World } from './world.ts';

const ASK = 'ask and answer of the stream, and the key of its table';

/** What a case expects of the rows. */
interface Expected {
  /** What the vendor did, for the message. */
  readonly what: string;
  /** Records that the vendor removed. @default none */
  readonly removed?: readonly MadeRecord[];
  readonly remedy?: string;
}

/** Compares the committed rows with the vendor's list: each record once, and nothing else but what was removed. */
export async function judgeRows(
  world: World,
  { what, removed = [], remedy = `check ${ASK}` }: Expected,
): Promise<Finding | undefined> {
  const rows = await world.rows();
  const isLive = (key: string) => rows.has(key) && rows.get(key)?.['_deleted_at'] === null;
  const listed = world.list.records.map(world.keyOf);
  const gone = removed.map(world.keyOf);
  const missing = listed.filter((key) => !rows.has(key)).length;
  const marked = listed.filter((key) => rows.has(key) && !isLive(key)).length;
  const kept = gone.filter(isLive).length;
  const others = [...rows.keys()].filter((key) => !listed.includes(key) && !gone.includes(key)).length;
  if (missing + marked + kept + others === 0) return undefined;
  const seen = [
    [missing, `of ${listed.length} records have no row`],
    [marked, 'records that the vendor lists are marked removed'],
    [kept, 'records that the vendor removed are not marked'],
    [others, 'rows have a key that no record has'],
  ].flatMap(([count, text]) => (count === 0 ? [] : `${count} ${text}`));
  const { faults } = world.vendor;
  if (faults.length > 0) seen.push(`${faults.length} requests were no page of the stream`);
  return { what, seen: seen.join(', '), expected: 'one row for each record that the vendor lists', remedy };
}

/** Checks that a run of the stream ended well. */
export function judgeRun(result: StreamResult, what: string): Finding | undefined {
  if (result.exitCode === 0) return undefined;
  return {
    what,
    seen: `exit code ${result.exitCode}: ${result.error ?? result.status}`,
    expected: 'exit code 0',
    remedy: `check ${ASK}`,
  };
}

/** Opens a world for one play, and closes it. */
export async function inWorld<T>(open: () => Promise<World>, play: (world: World) => Promise<T>): Promise<T> {
  const world = await open();
  try {
    return await play(world);
  } finally {
    await world.close();
  }
}
