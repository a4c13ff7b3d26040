/** A text literal. Neither engine knows backslash escapes in it, so doubling quotes is enough. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A quoted name: a vendor's field may be a reserved word of one of the engines. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** A list of text literals in parentheses, for `IN`. */
export function quoteList(texts: readonly string[]): string {
  return `(${texts.map(quoteText).join(', ')})`;
}

/**
 * A date literal.
 * @throws RangeError if the day is not `YYYY-MM-DD`
 */
export function quoteDay(day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new RangeError('a day is not of the form YYYY-MM-DD');
  return `DATE '${day}'`;
}

/** Condition, after a column's name, that its day is one of these, `YYYY-MM-DD`, both inclusive. */
export function partRange({ partFrom, partTo }: { readonly partFrom: string; readonly partTo: string }): string {
  return `BETWEEN ${quoteDay(partFrom)} AND ${quoteDay(partTo)}`;
}

/**
 * Expression that converts a UTC timestamp to the clinic's wall-clock time; the session's time zone does not matter. It gives null
 * for timestamps within a day of the years 1 to 9999, the range of dates that the engines and BI tools share.
 * @param instant SQL expression of type timestamp, in UTC
 * @param timeZone IANA name
 */
export function toLocalTime(instant: string, timeZone: string): string {
  const within = `CASE WHEN ${instant} >= TIMESTAMP '0001-01-02 00:00:00' AND ${instant} < TIMESTAMP '9999-12-31 00:00:00' THEN ${instant} END`;
  if (timeZone === 'UTC') return within;
  // For a timestamp without time zone, AT TIME ZONE means opposite things on Trino and DuckDB. Casting a text that ends in "UTC" gives a
  // timestamp with time zone on both. See https://trino.io/docs/current/functions/datetime.html and
  // https://duckdb.org/docs/stable/sql/functions/timestamptz
  const zoned = `TRY_CAST(CAST(${within} AS varchar) || ' UTC' AS timestamp with time zone)`;
  return `CAST(${zoned} AT TIME ZONE ${quoteText(timeZone)} AS timestamp(6))`;
}

/** Expression for a vendor's word in lower case, with an underscore for each hyphen and blank. */
export function normalised(expression: string): string {
  return `replace(replace(lower(${expression}), '-', '_'), ' ', '_')`;
}

/** Condition that the expression is one of the words. */
export function among(expression: string, words: readonly string[]): string {
  return `${expression} IN ${quoteList(words)}`;
}

/** Expression that has one value for each word, and null for any other. @param values SQL by word */
export function caseOf(expression: string, values: Readonly<Record<string, string>>): string {
  const whens = Object.entries(values).map(([word, value]) => ` WHEN ${quoteText(word)} THEN ${value}`);
  return `CASE ${expression}${whens.join('')} END`;
}

/** Expression for the current time in UTC, as a timestamp without time zone; the session's time zone does not matter. */
export const NOW_UTC = "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp(6))";
