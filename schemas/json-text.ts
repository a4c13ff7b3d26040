/** A JSON number that no double holds exactly, kept as the vendor wrote it. */
export class RawNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/** True for a JSON object, not for an array, null or a {@link RawNumber}. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawNumber);
}

/**
 * Compact JSON text of a parsed value; integers of any length keep every digit.
 * @throws RangeError when it is nested deeper than the stack holds
 */
export function toJsonText(value: unknown): string {
  if (!holdsRawNumber(value)) return JSON.stringify(value);
  return writeJson(value);
}

function holdsRawNumber(value: unknown): boolean {
  if (typeof value === 'bigint' || value instanceof RawNumber) return true;
  if (Array.isArray(value)) return value.some(holdsRawNumber);
  if (!isJsonObject(value)) return false;
  for (const key in value) if (holdsRawNumber(value[key])) return true;
  return false;
}

function writeJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (value instanceof RawNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${writeJson(member)}`);
  return `{${members.join(',')}}`;
}
