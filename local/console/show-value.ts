/** A result value as text: instants in ISO 8601, lists and structures as JSON, integers with every digit. */
export function showValue(value: unknown): string {
  if (value instanceof Date) return value.toISOString();
  if (value !== null && typeof value === 'object') return JSON.stringify(toJson(value));
  return String(value);
}

/** A result value as JSON: integers beyond 2^53, instants, and what is no finite number become strings. */
export function toJson(value: unknown): unknown {
  if (typeof value === 'bigint' || (typeof value === 'number' && !Number.isFinite(value))) return String(value);
  if (value instanceof Date) return value.toISOString();
  if (Array.isArray(value)) return value.map(toJson);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([name, entry]) => [name, toJson(entry)]));
  }
  return value ?? null;
}
