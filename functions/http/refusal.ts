import { type ContractError, CredentialsError, NotFoundError, refusalOf } from '../errors.ts';
import type { ErrorContext } from '../ports.ts';
import { passesFirewall } from './firewall.ts';
import type { Answer } from './send.ts';

/** The error of a request whose credentials are refused. @param says request and answer */
export function refusedCredentials(
  says: string,
  { status, headers }: Answer,
  { context, credentials }: { readonly context: ErrorContext; readonly credentials: string },
): CredentialsError {
  const whose = `the vendor refused the credentials of account ${context.account ?? 'default'}`;
  const mayBeBlocked = status === 403 && passesFirewall(headers);
  const hint = mayBeBlocked ? ", or ask the vendor whether its firewall refuses this machine's address" : '';
  const remedy = `ask the vendor whether they are valid and may read this, and store them again${hint}`;
  return new CredentialsError(`${says}: ${whose} (${credentials}); ${remedy}`, context);
}

/** Name of the variable with the vendor's address. */
export function settingOf({ source }: ErrorContext): string {
  return `${source?.toUpperCase() ?? '<SOURCE>'}_BASE_URL`;
}

/** The error of a request that is refused for another reason. @param says request and answer */
export function refusal(says: string, status: number, context: ErrorContext): ContractError {
  if (status === 404) return new NotFoundError(`${says}; expected it to exist`, context);
  const isRedirect = status >= 300 && status < 400 && status !== 304;
  const hint = isRedirect
    ? `redirects are not followed, because they would carry the credentials to another address; if the API has moved, set ${settingOf(context)} to its new address`
    : 'expected 2xx';
  const Refusal = refusalOf(status);
  return new Refusal(`${says}; ${hint}`, context);
}
