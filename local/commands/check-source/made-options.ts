import type { Credentials } from '../../../functions/ports.ts';
import type { Source } from '../../../functions/source/source.ts';
import { isMade, makeLists } from './make-lists.ts';

/** Values that an option may have: a text, and ids that are numbers. */
const TEXTS = [(name: string) => `made-${name.toLowerCase()}`, () => '101,102'];

/** Values of credentials and options with which a stream has partitions, or why it has none. */
export type MadeOptions = { readonly credentials: Credentials } | { readonly seen: string; readonly expected: string };

/**
 * Makes values for the credentials of a source, and for the options that its paths have. If the stream has no partition then, an option
 * may list them, so that others get values too.
 */
export function madeOptions(source: Source, stream: string): MadeOptions {
  const { credentials, options = [], streams } = source;
  const inPaths = options.filter((name) => Object.values(streams).some(({ path }) => path.includes(`{${name}}`)));
  const others = options.filter((name) => !inPaths.includes(name));
  const needed = [...credentials, ...inPaths].map((name) => [name, `made-${name.toLowerCase()}`]);
  let failure: string | undefined;
  for (const textOf of [undefined, ...TEXTS]) {
    const values = Object.fromEntries([...needed, ...(textOf ? others.map((name) => [name, textOf(name)]) : [])]);
    try {
      if (hasOwnPartition(source, stream, values)) return { credentials: values };
    } catch (error) {
      failure ??= error instanceof Error ? error.message : 'it throws';
    }
  }
  const parents = parentsOf(source, stream);
  const given = [parents && `records of ${parents}`, others.length > 0 && `a value of ${others.join(', ')}`];
  return {
    seen: `partitions ${failure === undefined ? 'gives none' : `fails (${failure})`}`,
    expected: `one or more that are not sweepOnly, given ${given.filter(Boolean).join(' and ') || 'nothing else'}`,
  };
}

function hasOwnPartition(source: Source, stream: string, options: Credentials): boolean {
  const list = makeLists(source, stream, options).at(-1);
  return list?.partitions().some(({ sweepOnly }) => !sweepOnly) ?? false;
}

/** Streams whose records can be made, and by which partitions may be listed. */
function parentsOf({ streams }: Source, stream: string): string {
  const before = Object.entries(streams).slice(0, Object.keys(streams).indexOf(stream));
  return before.flatMap(([name, one]) => (one.kind !== 'details' && isMade(one) ? name : [])).join(', ');
}
