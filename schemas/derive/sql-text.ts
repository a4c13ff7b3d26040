/** A text literal that no engine reads as anything else. */
export function quoteText(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

/** A name, quoted because a vendor's field may be a reserved word of one engine. */
export function quoteName(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** Parenthesised list of text literals, for `IN`. */
export function quoteList(texts: readonly string[]): string {
  return `(${texts.map(quoteText).join(', ')})`;
}

/**
 * A day literal.
 * @throws RangeError when it is not `YYYY-MM-DD`
 */
export function quoteDay(day: string): string {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new RangeError('a day is not of the form YYYY-MM-DD');
  return `DATE '${day}'`;
}

/**
 * Expression that gives the clinic's wall-clock time of an instant in UTC, whatever the session's own time zone is; null where it
 * may leave the years 1 to 9999, which dates of the engines and of BI tools end with.
 */
export function toLocalTime(instant: string, timeZone: string): string {
  const within = `CASE WHEN ${instant} >= TIMESTAMP '0001-01-02 00:00:00' AND ${instant} < TIMESTAMP '9999-12-31 00:00:00' THEN ${instant} END`;
  if (timeZone === 'UTC') return within;
  // AT TIME ZONE means opposite things for a naive timestamp on Trino and DuckDB; by way of a text that says UTC both agree.
  const zoned = `TRY_CAST(CAST(${within} AS varchar) || ' UTC' AS timestamp with time zone)`;
  return `CAST(${zoned} AT TIME ZONE ${quoteText(timeZone)} AS timestamp(6))`;
}

/** Expression for now, in UTC without a zone, whatever the session's own time zone is. */
export const NOW_UTC = "CAST(current_timestamp AT TIME ZONE 'UTC' AS timestamp(6))";
