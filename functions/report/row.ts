/** Reads the values of a row from left to right. Engines give some numbers as text. */
export interface Row {
  text(): string;
  textOrNull(): string | null;
  number(): number | null;
  /** A number, 0 for null. */
  count(): number;
  boolean(): boolean;
  instant(): Date | null;
}

/** A reader of the row's values, which begins with the first. */
export function rowOf(values: readonly unknown[]): Row {
  let place = 0;
  const next = (): unknown => values[place++] ?? null;
  const number = () => {
    const value = next();
    return value === null ? null : Number(value);
  };
  const textOrNull = () => {
    const value = next();
    return value === null ? null : String(value);
  };
  return {
    text: () => textOrNull() ?? '',
    textOrNull,
    number,
    count: () => number() ?? 0,
    boolean: () => String(next()) === 'true',
    instant: () => {
      const value = next();
      return value instanceof Date ? value : null;
    },
  };
}
