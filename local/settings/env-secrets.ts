import { checkCredential } from '../../functions/credential-text.ts';
import { CredentialsError } from '../../functions/errors.ts';
import type { Credentials, ErrorContext, Secrets } from '../../functions/ports.ts';

/** Variables by name, as `process.env` has them. */
export type Environment = Readonly<Record<string, string | undefined>>;

const DEFAULT_ACCOUNT = 'default';
const SUFFIX = /^[A-Z0-9][A-Z0-9_]{0,30}$/;

/** Reads credentials from variables: `KALEM_API_TOKEN`, and `KALEM_API_TOKEN__NORTH` for the account `north`. */
export function envSecrets(env: Environment): Secrets {
  return {
    async read(source, account, names, optional = []) {
      const context = { source, account };
      const missing = names.map((name) => variableOf(name, account)).filter((variable) => !env[variable]);
      if (missing.length > 0) throw missingError(missing, context);
      const given = optional.filter((name) => env[variableOf(name, account)]);
      return Object.fromEntries(
        [...names, ...given].map((name) => [name, readVariable(env, variableOf(name, account), context)]),
      ) satisfies Credentials;
    },
    describe: (_source, account, names) => names.map((name) => variableOf(name, account)).join(', '),
  };
}

/** Accounts with at least one credential set, `default` first. An incomplete account is included, so that its run reports what is missing. */
export function accountsInEnvironment(env: Environment, names: readonly string[]): readonly string[] {
  const suffixes = Object.keys(env)
    .flatMap((variable) =>
      names.filter((name) => variable.startsWith(`${name}__`)).map((name) => variable.slice(name.length + 2)),
    )
    .filter((suffix) => SUFFIX.test(suffix))
    .map((suffix) => suffix.toLowerCase());
  const accounts = new Set([DEFAULT_ACCOUNT, ...suffixes.sort()]);
  return [...accounts].filter((account) => names.some((name) => env[variableOf(name, account)]));
}

/** Name of an account's variable: the plain name for `default`, else with the account as a suffix. */
export function variableOf(name: string, account: string): string {
  return account === DEFAULT_ACCOUNT ? name : `${name}__${account.toUpperCase()}`;
}

function missingError(missing: readonly string[], context: ErrorContext): CredentialsError {
  const verb = missing.length === 1 ? 'is not set; set it' : 'are not set; set them';
  return new CredentialsError(`${missing.join(' and ')} ${verb} in the environment or in the file .env`, context);
}

function readVariable(env: Environment, variable: string, context: ErrorContext): string {
  return checkCredential(
    env[variable] ?? '',
    variable,
    'set it again without, in the environment or in the file .env',
    context,
  );
}
