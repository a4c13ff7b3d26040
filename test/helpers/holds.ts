import fc from 'fast-check';

/** Checks a property whose work is synchronous. fast-check's own `assert` may return a promise, which a test would have to wait for. */
export function holds<T>(property: fc.IProperty<T>, parameters: fc.Parameters<T>): void {
  fc.assert(property, parameters);
}
