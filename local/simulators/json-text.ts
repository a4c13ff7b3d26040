/** JSON with integers of any size. */
export type Json = null | boolean | number | bigint | string | readonly Json[] | { readonly [name: string]: Json };

/** A JSON object that the world still edits. */
export type JsonObject = Record<string, Json>;

/** Writes compact JSON; a bigint keeps every digit, which JSON.stringify refuses to write. */
export function toJsonText(value: Json): string {
  try {
    return JSON.stringify(value);
  } catch {
    return writeExactly(value);
  }
}

function writeExactly(value: Json): string {
  if (typeof value === 'bigint') return value.toString();
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  if (isList(value)) return `[${value.map(writeExactly).join(',')}]`;
  const members = Object.entries(value).map(([name, member]) => `${JSON.stringify(name)}:${writeExactly(member)}`);
  return `{${members.join(',')}}`;
}

function isList(value: object): value is readonly Json[] {
  return Array.isArray(value);
}

/** Escapes JSON text as PHP's json_encode does by default: `/` and everything beyond ASCII. */
export function escapeAsPhp(json: string): string {
  return json
    .replaceAll('/', '\\/')
    .replace(/[\u0080-\uffff]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
}
