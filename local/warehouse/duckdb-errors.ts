import { CallhouseError, InterruptedError, SqlError, StorageError } from '../../functions/errors.ts';

/** Kinds of error whose message quotes only the statement; the messages of all others may quote data. */
const ABOUT_THE_STATEMENT = /^(Parser|Binder|Catalog|Permission|Syntax|Not implemented) Error: /;
/** Of the kinds above, what quotes a value after all, for example one that is used as a time zone. */
const QUOTES_A_VALUE = /^Not implemented Error: [^'"]*['"]/;
/** Kinds that the user's statement causes, although their message may quote data. */
const ABOUT_A_VALUE =
  /^(Conversion|Out of Range|Invalid Input|Constraint|Mismatch Type|Invalid Type|Divide by Zero|Not implemented) Error: /;
const LOCKED = /Could not set lock on file|being used by another process/;
const DAMAGED =
  /not a valid DuckDB database file|Corrupt database file|Could not read enough bytes|does not match stored checksum|Failure while replaying WAL/;
const TOO_NEW = /Trying to read a database file with version number|newer version of DuckDB/;

/** True if another program holds the file. */
export function isLocked(error: unknown): boolean {
  return LOCKED.test(messageOf(error));
}

/** A transaction that fails at its end names no kind of error before the reason. */
const FAILED_COMMIT = /^TransactionContext Error: Failed to commit: /;
const OUT_OF_MEMORY =
  /^Out of Memory Error|^TransactionContext Error: Failed to commit: .*(failed to (pin|allocate)|could not allocate|memory_limit)/s;

/** True if the statement needs more memory than `memory_limit`; the data is fine then. */
export function isOutOfMemory(error: unknown): boolean {
  return OUT_OF_MEMORY.test(messageOf(error));
}

/** Names the process that holds the file, if DuckDB reports it. */
export function holderOf(error: unknown): string {
  const pid = /\(PID (\d+)\)/.exec(messageOf(error))?.[1];
  return pid ? `another program (process ${pid})` : 'another program';
}

/** The error as a StorageError, or undefined if the file is not the cause. */
export function asStorageError(error: unknown, path: string): StorageError | undefined {
  const message = messageOf(error);
  if (TOO_NEW.test(message)) {
    return new StorageError(`warehouse ${path} was written by a newer DuckDB; update Callhouse, or move the file away`);
  }
  // Before the checks for damage: DuckDB reports a full disk as a fatal error too.
  if (/No space left|disk full/i.test(message))
    return new StorageError(`no space left on the disk of warehouse ${path}; free some and run again`);
  if (DAMAGED.test(message)) {
    return new StorageError(
      `warehouse ${path} is damaged; move it away and run again: the next run rebuilds it from what is staged`,
    );
  }
  if (/^(INTERNAL|FATAL) Error/.test(message)) {
    return new StorageError(
      `warehouse ${path}: DuckDB had an internal error; if it happens again, move the file away: the next run rebuilds it from what is staged`,
    );
  }
  if (isOutOfMemory(error)) {
    const reason = `warehouse ${path}: the statement needs more memory than DuckDB may use here; narrow it, or free memory`;
    return new StorageError(reason, {}, { cause: error });
  }
  if (/^IO Error|Permission denied/.test(message) || FAILED_COMMIT.test(message))
    return new StorageError(`warehouse ${path} cannot be read or written: ${ioReason(message)}`);
  return undefined;
}

/** Converts the error of a failed statement to one that quotes no value of the data. */
export function asCallhouseError(error: unknown, path: string): CallhouseError {
  if (error instanceof CallhouseError) return error;
  const message = messageOf(error);
  if (/^INTERRUPT Error/.test(message)) return new InterruptedError('interrupted before the statement ended');
  if (ABOUT_THE_STATEMENT.test(message) && !QUOTES_A_VALUE.test(message)) return new SqlError(message.trim());
  const kind = ABOUT_A_VALUE.exec(message)?.[1];
  if (kind) return new SqlError(describeKind(kind, message));
  return asStorageError(error, path) ?? new SqlError('the statement failed');
}

function describeKind(kind: string, message: string): string {
  if (/read-only mode/.test(message)) return 'the warehouse is open for reading only; expected a SELECT statement';
  if (/configuration has been locked/.test(message))
    return 'settings cannot be changed here; expected a SELECT statement';
  return `${kind} Error: a value does not fit the expression (the value is not shown)`;
}

function ioReason(message: string): string {
  return /: ([^:"]*)$/.exec(message.trim())?.[1]?.trim() || 'input or output failed';
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
