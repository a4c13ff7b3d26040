import * as z from 'zod';
import type { Store } from '../../ports.ts';

const attemptSchema = z.object({
  version: z.literal(1),
  /** Makes two requests of this attempt one to Athena, and two attempts two. */
  nonce: z.string(),
  /** Of the execution, once Athena gave it. */
  id: z.string().optional(),
});
type Attempt = { readonly nonce: string | undefined; readonly id?: string };

/** What the store holds of one statement while it runs. */
export interface RunningRecord {
  readonly attempt: Attempt;
  /** The attempt under way, or a new one. */
  open(): Promise<Attempt>;
  /** A new attempt in place of one that failed. */
  renew(): Promise<Attempt>;
  /** Athena gave it this id. */
  note(id: string): Promise<void>;
  /** It has ended; the same statement may run again. */
  close(): Promise<void>;
}

/** Key of the record of a statement. */
export function recordKey(token: string): string {
  return `progress/statements/${token}.json`;
}

/** The record of a statement; without a token or a store nothing is kept. */
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
    return store.put(key, Buffer.from(JSON.stringify({ version: 1, ...next })), { replace });
  };
  const newAttempt = () => ({
    nonce: Array.from({ length: 32 }, () => Math.floor(random() * 16).toString(16)).join(''),
  });
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
  if (!body) return undefined;
  try {
    return attemptSchema.parse(JSON.parse(Buffer.from(body).toString('utf8')));
  } catch {
    return undefined;
  }
}
