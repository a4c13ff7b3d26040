import type { Table } from '../../schemas/table.ts';
import { READ_LIST_OTHERWISE } from './child-paths.ts';
import type { Fault } from './fault.ts';

const EXPECTED = 'names joined by dots, such as a.b, after ^ of the record and $ of a fact of the request';

/** Finds paths of columns that no record can have: in the words of JSONPath, with an index into a list, or with an empty name. */
export function* checkPaths({ columns }: Table, at: string): Iterable<Fault> {
  for (const [name, { paths = [] }] of Object.entries(columns)) {
    const wrong = paths.find((path) => whyWrong(path) !== undefined);
    if (paths.length === 0) yield { at: `${at}.columns.${name}`, seen: 'it has no path', expected: EXPECTED };
    if (wrong !== undefined)
      yield {
        at: `${at}.columns.${name}`,
        seen: `path ${JSON.stringify(wrong)} ${whyWrong(wrong)}`,
        expected: EXPECTED,
      };
  }
}

function whyWrong(path: string): string | undefined {
  if (path === '.') return undefined;
  if (typeof path !== 'string') return 'is no text';
  if (/^\$[.[]/.test(path)) return 'begins as in JSONPath';
  if (/\[(?:\d+|\*)?\]/.test(path)) return `leads into a list: ${READ_LIST_OTHERWISE}`;
  const own = path.replace(/^[$^]/, '');
  return own.split('.').some((part) => part.trim() === '') ? 'has an empty name' : undefined;
}
