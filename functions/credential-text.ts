import { CredentialsError } from './errors.ts';
import type { ErrorContext } from './ports.ts';

/**
 * Printable ASCII: the characters that every HTTP implementation accepts in a field value.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-5.5}
 */
const PRINTABLE = /^[\x20-\x7e]*$/;

/**
 * Checks that a credential can be sent as a header, which finds values that were damaged while copying.
 * @param label where the credential is kept, as messages name it
 * @param remedy what its owner should do
 * @returns the value
 * @throws CredentialsError that names the label, never the value
 */
export function checkCredential(value: string, label: string, remedy: string, context: ErrorContext): string {
  if (value !== value.trim())
    throw new CredentialsError(`${label} begins or ends with white space; ${remedy}`, context);
  if (PRINTABLE.test(value)) return value;
  throw new CredentialsError(
    `${label} contains a line break or another character that no credential has; ${remedy}`,
    context,
  );
}
