import { AnswerTooLargeError, ContractError, CredentialsError } from '../../errors.ts';
import { type RequestVariant, variantsOf } from '../../source/variants.ts';
import type { StreamSession } from '../session/session.ts';

/** The variant after the present one that the vendor has not refused in this run. */
export function nextVariant(
  { stream, refusedVariants }: StreamSession,
  present: RequestVariant,
): RequestVariant | undefined {
  const variants = variantsOf(stream);
  return variants.slice(variants.indexOf(present) + 1).find(({ name }) => !refusedVariants.has(name));
}

/**
 * Switches to the next request variant, because the present one does not page.
 * @param why what the vendor did
 * @throws ContractError if there is no other variant
 */
export function switchVariant(session: StreamSession, present: RequestVariant, why: string): void {
  const { stream, progress, id } = session;
  const next = nextVariant(session, present);
  if (!next)
    throw new ContractError(
      `${stream.path}: ${why}, also when asked again; expected each page once and in order. What was read is kept; ` +
        'ask the vendor how this list pages',
      id,
    );
  progress.updateState({ variant: next.name });
  session.warnOnce(`${why}; continuing with request variant ${next.name}`);
}

/** True if the vendor refuses a request in a way that another request variant may mend. */
export function isVariantRefused(error: unknown): boolean {
  return (
    (error instanceof ContractError && !(error instanceof AnswerTooLargeError)) || error instanceof CredentialsError
  );
}

/** Returns to the first variant, because the vendor refuses the present one. */
export function returnToFirstVariant(
  { stream, progress, refusedVariants, warnOnce }: StreamSession,
  { name }: RequestVariant,
): void {
  const [first] = variantsOf(stream);
  refusedVariants.add(name);
  progress.updateState({ variant: first.name });
  warnOnce(`the vendor refuses request variant ${name}; continuing with ${first.name}`);
}
