import * as z from 'zod';
import type { Commit } from '../commit.ts';
import { StateError } from '../errors.ts';
import type { Where } from '../ports.ts';

const ms = z.number().int();

const stateSchema = z.object({
  /** The way to ask that was found to move. */
  way: z.string().optional(),
  /** Field by which the list was seen to be newest first, or `none`. */
  order: z.string().optional(),
  /** When everything was last read, and when it is due again. */
  sweptAt: ms.optional(),
  sweepDueAt: ms.optional(),
  /** When each tier was last read, by its reach. */
  tiers: z.record(z.string(), ms).default({}),
  /** A walk that was cut. A sweep goes on one page before the page it was to read next, the others read back to `from` at least. */
  resume: z
    .object({
      kind: z.enum(['sweep', 'window', 'head']),
      from: ms.optional(),
      list: z.string(),
      page: z.number().int(),
    })
    .optional(),
  /** Keys whose earlier raw and staged copies must still lose their sensitive content. */
  purge: z.array(z.string()).default([]),
  /** Last commit whose copies have lost it, where time ran out. */
  purgedTo: z.string().optional(),
  /** When a rotation last ran. */
  ranAt: ms.optional(),
});

/** What a stream keeps from run to run besides its digest. */
export type StreamState = z.infer<typeof stateSchema>;

/** State of the last commit, or of a stream that never ran. @throws StateError when it holds what no version wrote */
export function readState(last: Commit | undefined, where: Where): StreamState {
  const parsed = stateSchema.safeParse(last?.state ?? {});
  if (!parsed.success)
    throw new StateError(`commit ${last?.n} holds a state of another version; expected that of this one`, where);
  return parsed.data;
}
