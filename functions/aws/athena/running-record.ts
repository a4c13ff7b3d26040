import * as z from 'zod';
import { parseStored, randomHex, storedJson } from '../../lake/objects.ts';
import type { Store } from '../../ports.ts';

const attemptSchema = z.object({
  version: z.literal(1),
  /** Part of the client request token: Athena treats repeated requests of one attempt as one, and two attempts as two. */
  nonce: z.string(),
  /** Id of the execution, once Athena has returned it. */
  id: z.string().optional(),
});
type Attempt = { readonly nonce: string | undefined; readonly id?: string | undefined };

/** The stored record of one running statement. A loader that was killed finds the execution again by it. */
export interface RunningRecord {
  readonly attempt: Attempt;
  /** Reads the recorded attempt, or records a new one. */
  open(): Promise<Attempt>;
  /** Records a new attempt in place of one that failed. */
  renew(): Promise<Attempt>;
  /** Records the id of the execution. */
  note(id: string): Promise<void>;
  /** Deletes the record: the statement has ended, and may run again. */
  close(): Promise<void>;
}

function recordKey(token: string): string {
  return `progress/statements/${token}.json`;
}

/**
 * Opens the record of a statement.
 * @param token identity of the statement, lower-case hex; without it, or without a store, nothing is recorded
 * @param random uniform in [0, 1)
 */
export function runningRecord(
  store: Store | undefined,
  token: string | undefined,
  random: () => number,
): RunningRecord {
  if (!store || token === undefined) return NOTHING;
  const key = recordKey(token);
  let attempt: Attempt = { nonce: undefined };
  const write = (next: Attempt, replace: boolean) => {
    attempt = next;
    return store.put(key, storedJson({ version: 1, ...next }), { replace });
  };
  const newAttempt = () => ({ nonce: randomHex(32, random) });
  const renew = async () => {
    await write(newAttempt(), true);
    return attempt;
  };
  return {
    get attempt() {
      return attempt;
    },
    renew,
    async open() {
      const known = parseAttempt(await store.get(key));
      attempt = known ?? attempt;
      if (known || (await write(newAttempt(), false))) return attempt;
      attempt = parseAttempt(await store.get(key)) ?? (await renew());
      return attempt;
    },
    async note(id) {
      await write({ ...attempt, id }, true);
    },
    close: () => store.delete(key),
  };
}

const NONE: Attempt = { nonce: undefined };
const NOTHING: RunningRecord = {
  attempt: NONE,
  open: async () => NONE,
  renew: async () => NONE,
  note: async () => {},
  close: async () => {},
};

function parseAttempt(body: Uint8Array | undefined): Attempt | undefined {
  return body && attemptSchema.safeParse(parseStored(body)).data;
}
