import * as z from 'zod';
import { ContractError } from '../errors.ts';

/** A count in an envelope. Some servers send it as text. */
export const count = z.coerce.number().int().nonnegative().nullish().catch(undefined);

/** A yes or no in an envelope. Anything else counts as not given. */
export const flag = z
  .union([z.boolean(), z.enum(['true', 'false']).transform((word) => word === 'true')])
  .nullish()
  .catch(undefined);

/**
 * Checks the envelope of an answer.
 * @throws ContractError that names the wrong paths and what kind of thing is wrong, never a value
 */
export function readEnvelope<T>(shape: z.ZodType<T>, body: unknown): T {
  const parsed = shape.safeParse(body);
  if (parsed.success) return parsed.data;
  const seen = parsed.error.issues.slice(0, 3).map(({ path, code }) => `${path.join('.') || 'the body'} (${code})`);
  throw new ContractError(`the answer is not what the vendor's document says: ${seen.join(', ')}`);
}
