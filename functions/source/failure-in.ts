import { isJsonObject } from '../../schemas/json-text.ts';

/** Fields that say whether a request succeeded, in lower case, and the values by which they say that it did not. */
const SIGNS: Readonly<Record<string, (value: unknown) => boolean>> = {
  success: isNo,
  succeeded: isNo,
  ok: isNo,
  status: (value) => value === false || isFailedWord(value) || isErrorCode(value),
  result: isFailedWord,
  code: isErrorCode,
  error: isGiven,
  errors: isGiven,
  error_code: isGiven,
  exception: isGiven,
  fault: isGiven,
  is_error: isYes,
  iserror: isYes,
};

/** Fields that mean something else in a single record, such as how a call ended. */
export const MAY_BE_DATA = ['status', 'result', 'code', 'error_code', 'exception', 'fault'];

/** The field by which an answer with status 200 reports a failure. @param data names of fields that are data */
export function failureIn(body: unknown, data: ReadonlySet<string> = new Set()): string | undefined {
  if (!isJsonObject(body)) return undefined;
  const given = Object.entries(body).filter(([name]) => !data.has(name));
  return given.find(([name, value]) => {
    const sign = name.toLowerCase();
    return Object.hasOwn(SIGNS, sign) && SIGNS[sign]?.(value);
  })?.[0];
}

function isNo(value: unknown): boolean {
  return value === false || value === 0 || (typeof value === 'string' && /^(false|0|no)$/i.test(value.trim()));
}

function isYes(value: unknown): boolean {
  return value === true || value === 1 || (typeof value === 'string' && /^(true|1|yes)$/i.test(value.trim()));
}

function isFailedWord(value: unknown): boolean {
  return typeof value === 'string' && /^(error|failed|failure|fail)$/i.test(value.trim());
}

/** A status of HTTP that says that a request failed. */
function isErrorCode(value: unknown): boolean {
  const code = typeof value === 'string' && /^\d{3}$/.test(value) ? Number(value) : value;
  return typeof code === 'number' && code >= 400 && code < 600;
}

/** An object or list without members is not given, and neither is 0. */
function isGiven(value: unknown): boolean {
  if (typeof value === 'object' && value !== null) return Object.keys(value).length > 0;
  return Boolean(value) && value !== 'false' && value !== '0' && !(typeof value === 'string' && value.trim() === '');
}
