import { CallhouseError, SqlError, StorageError } from '../../functions/errors.ts';

/** Kinds of failure whose message tells only of the statement; those of all others may quote data. */
const ABOUT_THE_STATEMENT = /^(Parser|Binder|Catalog|Permission|Syntax|Not implemented) Error: /;
/** Kinds that are the user's own, though their message may quote data. */
const ABOUT_A_VALUE =
  /^(Conversion|Out of Range|Invalid Input|Constraint|Mismatch Type|Invalid Type|Divide by Zero) Error: /;
const LOCKED = /Could not set lock on file|being used by another process/;
const DAMAGED =
  /not a valid DuckDB database file|Corrupt database file|Could not read enough bytes|does not match stored checksum|Failure while replaying WAL/;
const TOO_NEW = /Trying to read a database file with version number|newer version of DuckDB/;

/** True where another program holds the file. */
export function isLocked(error: unknown): boolean {
  return LOCKED.test(messageOf(error));
}

/** True where the statement needs more memory than it is given, which says nothing of the data. */
export function isOutOfMemory(error: unknown): boolean {
  return /^Out of Memory Error/.test(messageOf(error));
}

/** The process that holds the file, as far as the engine tells. */
export function holderOf(error: unknown): string {
  const pid = /\(PID (\d+)\)/.exec(messageOf(error))?.[1];
  return pid ? `another program (process ${pid})` : 'another program';
}

/** What went wrong with the file itself, if anything. */
export function asStorageError(error: unknown, path: string): StorageError | undefined {
  const message = messageOf(error);
  if (TOO_NEW.test(message)) {
    return new StorageError(`warehouse ${path} was written by a newer DuckDB; update Callhouse, or move the file away`);
  }
  // Before the kinds of damage: of a full disk DuckDB speaks as a fatal error too.
  if (/No space left|disk full/i.test(message))
    return new StorageError(`no space left on the disk of warehouse ${path}; free some and run again`);
  if (DAMAGED.test(message)) {
    return new StorageError(
      `warehouse ${path} is damaged; move it away and run again: the next run rebuilds it from what is staged`,
    );
  }
  if (/^(INTERNAL|FATAL) Error/.test(message)) {
    return new StorageError(
      `warehouse ${path}: DuckDB failed inside; if a second run does too, move the file away: the next run rebuilds it from what is staged`,
    );
  }
  if (isOutOfMemory(error)) {
    return new StorageError(`warehouse ${path}: the statement needs more memory than memory_limit allows`);
  }
  if (/^IO Error|Permission denied/.test(message))
    return new StorageError(`warehouse ${path} cannot be read or written: ${ioReason(message)}`);
  return undefined;
}

/** A failed statement as an error that quotes no value of the data. */
export function asCallhouseError(error: unknown, path: string): CallhouseError {
  if (error instanceof CallhouseError) return error;
  const message = messageOf(error);
  if (ABOUT_THE_STATEMENT.test(message)) return new SqlError(message.trim());
  const kind = ABOUT_A_VALUE.exec(message)?.[1];
  if (kind) return new SqlError(describeKind(kind, message));
  return asStorageError(error, path) ?? new SqlError('the statement failed');
}

function describeKind(kind: string, message: string): string {
  if (/read-only mode/.test(message)) return 'the warehouse is opened for reading only; expected a SELECT statement';
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
