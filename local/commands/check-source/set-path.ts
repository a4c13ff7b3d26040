import { isJsonObject } from '../../../schemas/json-text.ts';

/** Sets the value at a dotted path of an object, and makes the objects on the way. Does nothing if another value is in the way. */
export function setPath(target: Record<string, unknown>, path: string, value: unknown): void {
  const names = path.split('.');
  const last = names.pop() ?? path;
  let at: Record<string, unknown> = target;
  for (const name of names) {
    at[name] ??= {};
    const next = at[name];
    if (!isJsonObject(next)) return;
    at = next as Record<string, unknown>;
  }
  at[last] = value;
}
