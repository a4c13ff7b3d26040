import { isJsonObject, valueAtPath } from '../../../schemas/json-text.ts';
import { ContractError } from '../../errors.ts';
import type { DigestEntry } from '../../lake/digest/digest-entry.ts';
import type { Window } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import { DAY_MS } from '../../time.ts';
import { sortInstant } from '../rows/coerce.ts';
import type { StreamSession } from '../session/session.ts';
import { orderFieldsOf } from './page-tally.ts';

/** Vendors count days in their own time zone. */
const SLACK_MS = DAY_MS;

/** When the records began, ms, by the column that the stream's window is on. Records without that instant are left out. */
export function timesOf({ tables: [{ columns }], window }: Stream, records: readonly unknown[]): readonly number[] {
  const column = window && columns[window.by];
  if (!column) return [];
  const paths = column.paths.map((path) => path.split('.'));
  return records.filter(isJsonObject).flatMap((record) => {
    const values = paths.map((path) => sortInstant(valueAtPath(record, path)));
    return values.find((value) => value !== undefined) ?? [];
  });
}

/** When a record began, or the day on which it began, ms. */
export interface Began {
  readonly at: number;
  readonly isDay: boolean;
}

/** When a known record began, by the column that the stream's window is on; undefined if the digest does not say it. */
export function beganAt(stream: Stream, { sortedAt, sortedBy = 0, partOn }: DigestEntry): Began | undefined {
  const [{ columns, partOn: dayColumn }] = stream.tables;
  const by = stream.window?.by;
  if (by === undefined) return undefined;
  const field = orderFieldsOf(stream)[sortedBy];
  if (sortedAt !== undefined && field !== undefined && columns[by]?.paths.includes(field))
    return { at: sortedAt, isDay: false };
  return dayColumn === by ? { at: partOn * DAY_MS, isDay: true } : undefined;
}

/**
 * Checks a page of a window, during the first load of a stream that can only be read in windows.
 * @throws ContractError if no record of the page is in the requested window, so that the vendor did not understand it
 */
export function checkInside({ stream, id }: StreamSession, records: readonly unknown[], { from, to }: Window): void {
  const times = timesOf(stream, records);
  const isInside = (time: number) =>
    time >= from.getTime() - SLACK_MS && time <= (to?.getTime() ?? Number.POSITIVE_INFINITY) + SLACK_MS;
  if (times.length === 0 || times.some(isInside)) return;
  throw new ContractError(
    `${stream.path}: none of the ${times.length} records of this page began in the window that was requested; expected all of them. ` +
      `${remedyFor(stream)}. Nothing of it is stored`,
    id,
  );
}

function remedyFor({ window }: Stream): string {
  return `The vendor does not understand the window: correct window.as, which is '${window?.as}', or from and to in ask`;
}
