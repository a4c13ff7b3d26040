import { isDuration } from '../time.ts';

/** One thing that is wrong in a declaration. */
export interface Fault {
  /** Where: stream and field, such as `calls.path`. */
  readonly at: string;
  readonly seen: string;
  readonly expected: string;
}

/** Finds texts that are no durations. @param at place of the fields */
export function* checkDurations(at: string, durations: Readonly<Record<string, string>>): Iterable<Fault> {
  for (const [field, text] of Object.entries(durations)) {
    if (!isDuration(text))
      yield {
        at: `${at}.${field}`,
        seen: `${JSON.stringify(text)} is not a duration`,
        expected: 'such as 15m, 6h or 3d',
      };
  }
}
