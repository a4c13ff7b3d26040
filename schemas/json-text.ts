/** A JSON number that a double cannot hold exactly, kept as the vendor wrote it. */
export class RawNumber {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }

  /** Called by `JSON.stringify`. Gives a marked string; {@link toJsonText} turns it into a bare number. */
  toJSON(): string {
    marks += 1;
    return `${MARK}${this.text}`;
  }
}

/** How many numbers were marked so far. By this count {@link toJsonText} notices a vendor's string that looks like a mark. */
let marks = 0;
const MARK = '\u0000number ';
const MARKED = /"\\u0000number (-?[\d.eE+-]+)"/g;

/** True for a JSON object, not for an array, null or a {@link RawNumber}. */
export function isJsonObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof RawNumber);
}

/**
 * Compact JSON text of a parsed value. Numbers of any length keep every digit.
 * @throws RangeError if the value is nested too deeply for the call stack
 */
export function toJsonText(value: unknown): string {
  const before = marks;
  const text = JSON.stringify(value);
  if (marks === before) return text;
  let taken = 0;
  const plain = text.replace(MARKED, (_whole, digits: string) => {
    taken += 1;
    return digits;
  });
  return taken === marks - before ? plain : writeJson(value);
}

function writeJson(value: unknown): string {
  if (value instanceof RawNumber) return value.text;
  if (Array.isArray(value)) return `[${value.map(writeJson).join(',')}]`;
  if (!isJsonObject(value)) return JSON.stringify(value) ?? 'null';
  const members = Object.entries(value).flatMap(([key, member]) =>
    member === undefined ? [] : [`${JSON.stringify(key)}:${writeJson(member)}`],
  );
  return `{${members.join(',')}}`;
}
