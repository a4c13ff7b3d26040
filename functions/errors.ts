import type { ErrorContext } from './ports.ts';

/** What the command line ends with; see the README's table. */
export type ExitCode = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 130;

/** Base of all expected failures. The message says what went wrong, what was seen and what was expected; never a value of a record, a credential or a URL. */
export abstract class CallhouseError extends Error {
  abstract readonly exitCode: ExitCode;
  readonly where: ErrorContext;

  constructor(message: string, where: ErrorContext = {}, options?: ErrorOptions) {
    super(`${prefix(where)}${message}`, options);
    this.where = where;
  }
}

function prefix({ source, account, stream }: ErrorContext): string {
  if (!source) return '';
  return `${source}${stream ? `.${stream}` : ''}${account && account !== 'default' ? ` (${account})` : ''}: `;
}

/** A wrong argument, setting or environment variable. */
export class ConfigError extends CallhouseError {
  override readonly name = 'ConfigError';
  override readonly exitCode = 2;
}

/** A credential is missing, still the placeholder, or refused by the vendor. */
export class CredentialsError extends CallhouseError {
  override readonly name = 'CredentialsError';
  override readonly exitCode = 2;
}

/** The SQL given is wrong, or names what is not there. */
export class SqlError extends CallhouseError {
  override readonly name = 'SqlError';
  override readonly exitCode = 2;
}

/** The vendor cannot be reached, or answers 408, 425, 429 or 5xx, after all retries. */
export class SourceUnavailableError extends CallhouseError {
  override readonly name = 'SourceUnavailableError';
  override readonly exitCode = 3;
}

/** The vendor answered what its document does not allow. */
export class ContractError extends CallhouseError {
  override readonly name: string = 'ContractError';
  override readonly exitCode = 4;
}

/** The vendor says the thing asked for is not there (404). */
export class NotFoundError extends ContractError {
  override readonly name = 'NotFoundError';
}

/** The vendor's list gave fewer records than its own, unmoving total, each time it was walked. */
export class ShortListError extends ContractError {
  override readonly name = 'ShortListError';
}

/** Saved state cannot be read back. */
export class StateError extends CallhouseError {
  override readonly name: string = 'StateError';
  override readonly exitCode = 4;
}

/** A value cannot be written unaltered. */
export class ValueRefusedError extends CallhouseError {
  override readonly name = 'ValueRefusedError';
  override readonly exitCode = 4;
}

/** The store or the warehouse failed. */
export class StorageError extends CallhouseError {
  override readonly name = 'StorageError';
  override readonly exitCode = 5;
}

/** The warehouse is held by another program; what was staged stays staged. */
export class WarehouseBusyError extends CallhouseError {
  override readonly name = 'WarehouseBusyError';
  override readonly exitCode = 6;
}

/** Another run is at work on the same account, or took over from this one. */
export class AlreadyRunningError extends CallhouseError {
  override readonly name = 'AlreadyRunningError';
  override readonly exitCode = 0;
}

/** The time given to the run is used up; what was whole is committed. */
export class OutOfTimeError extends CallhouseError {
  override readonly name = 'OutOfTimeError';
  override readonly exitCode = 6;
}

/** The user stopped the run. */
export class InterruptedError extends CallhouseError {
  override readonly name = 'InterruptedError';
  override readonly exitCode = 130;
}
