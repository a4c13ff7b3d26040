/** Paths of all parts of an object or list, itself left out. @param isLeftOut names that are not followed */
export function* partsOf(
  value: unknown,
  isLeftOut: (name: string) => boolean = () => false,
  at: readonly string[] = [],
): Iterable<readonly string[]> {
  if (typeof value !== 'object' || value === null || at.length > DEEPEST) return;
  for (const [name, part] of Object.entries(value)) {
    if (isLeftOut(name)) continue;
    yield [...at, name];
    yield* partsOf(part, isLeftOut, [...at, name]);
  }
}

/** Declarations lead to each other, and so round in a circle. */
const DEEPEST = 7;

/** A copy with another value at a path. */
export function withPart(whole: unknown, [name = '', ...rest]: readonly string[], value: unknown): unknown {
  const copy = Array.isArray(whole) ? [...whole] : { ...(whole as object) };
  const parts = copy as Record<string, unknown>;
  parts[name] = rest.length > 0 ? withPart(parts[name], rest, value) : value;
  return copy;
}
