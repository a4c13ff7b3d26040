import type { Row, Tables } from './fold.ts';
import { secretOf } from './vendors/listing.ts';
import { detailsOf, turnsOf } from './vendors/nook.ts';
import { isVisible, type Rec, type World } from './world.ts';

/** What the details are compared with, and who is told. */
interface Compared {
  readonly world: World;
  readonly tables: Tables;
  readonly say: (invariant: string, what: string, detail: string) => void;
}

/** Table of the details, and the one of their child rows. */
export const DETAILS = { table: 'nook_call_details', turns: 'nook_call_turns' };

/** I2 and I3 of a row of details: it is marked only with its call, and never of an earlier version. */
export function checkDetailsRow(
  { world, tables, say }: Compared,
  key: string,
  row: Row,
  before: Row | undefined,
): void {
  const call = tables.get('nook_calls')?.get(key);
  const isCallMarked = call?.deletedAt !== null;
  // The caller may have opted in again since the run saw the call.
  const isOptedOut = world.calls.get(key)?.optOut === true || call?.value('opt_out') === true;
  if (row.op !== 'upsert' && !isCallMarked && !isOptedOut)
    say('I3', 'live-marked', `details of ${key} are marked removed, and it is not`);
  if (row.op === 'upsert' && before && Number(row.value('revision')) < Number(before.value('revision')))
    say('I2', 'went-back', `details of ${key} went back to an earlier version`);
}

/** I1, I3, I4 and I6 of the details of a call: they are those of its present version, and go its way. */
export function checkDetails({ tables, say }: Omit<Compared, 'world'>, rec: Rec): void {
  const row = tables.get(DETAILS.table)?.get(rec.id);
  if (!isVisible(rec)) {
    if (row && row.deletedAt === null) say('I4', 'not-marked', `details of ${rec.id}, which is gone, are not marked`);
  } else if (!row) say('I1', 'missing', `details of ${rec.id} are missing`);
  else if (row.deletedAt !== null) say('I3', 'live-marked', `details of ${rec.id} are marked removed`);
  else {
    const { revision, transcript } = detailsOf(rec);
    if (Number(row.value('revision')) !== revision) say('I1', 'stale', `details of ${rec.id} are of an older version`);
    else if (row.value('transcript') !== (rec.optOut ? null : transcript))
      say('I1', 'wrong-transcript', `details of ${rec.id} are not as served, or those of an opted-out call are kept`);
  }
  checkTurns({ tables, say }, rec);
}

function checkTurns({ tables, say }: Omit<Compared, 'world'>, rec: Rec): void {
  const shown: readonly number[] = isVisible(rec) ? turnsOf(rec) : [];
  for (const turn of [1, 2, 3]) {
    const row = tables.get(DETAILS.turns)?.get(`${rec.id}|${turn}`);
    const isLive = row !== undefined && row.deletedAt === null;
    if (isLive && !shown.includes(turn)) say('I4', 'not-marked', `turn ${turn} of ${rec.id} is gone and not marked`);
    if (!isLive && shown.includes(turn)) say('I1', 'missing', `turn ${turn} of ${rec.id} is missing`);
    const words = rec.optOut ? null : `words ${turn} ${secretOf(rec)}`;
    if (isLive && shown.includes(turn) && row.value('words') !== words)
      say('I1', 'wrong-words', `turn ${turn} of ${rec.id} is not as served, or that of an opted-out call is kept`);
  }
}
