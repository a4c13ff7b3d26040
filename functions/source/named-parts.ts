import { isJsonObject, valueAtPath } from '../../schemas/json-text.ts';
import type { Answer, Path, Paths } from './paging.ts';

/** Parts that a vendor gives with every page, if it gives them at all. Others may be missing on the last page. */
const ALWAYS = ['page', 'total'] as const;
const WHERE_MORE_FOLLOWS = ['more', 'pages', 'link'] as const;

/**
 * Declared parts for which the answer has no field, such as `meta.total (answer.total)`. If a part has several paths, they are not checked,
 * because they may be for different forms of the answer.
 * @param isFull more pages may follow
 */
export function unnamedParts(answer: Answer, body: unknown, isFull: boolean): readonly string[] {
  return [...ALWAYS, ...(isFull ? WHERE_MORE_FOLLOWS : [])].flatMap((part) => {
    const path = answer[part];
    return typeof path === 'string' && !isNamed(body, path) ? [`${path} (answer.${part})`] : [];
  });
}

/** True if the answer has a field at one of the paths, also if it is null. */
export function isAnyNamed(body: unknown, paths: Paths): boolean {
  return [paths].flat().some((path) => isNamed(body, path));
}

function isNamed(body: unknown, path: Path): boolean {
  const names = path.split('.');
  const parent = names.length === 1 ? body : valueAtPath(body, names.slice(0, -1));
  return isJsonObject(parent) && Object.hasOwn(parent, names.at(-1) ?? '');
}
