import type { Fault } from './fault.ts';
import type { SourceOptions } from './source.ts';

const NAME = /^[!#$%&'*+.^_`|~\w-]+$/;
const VALUE = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/;
/** Headers that the requests have already, or that belong to the connection. */
const RESERVED =
  /^(?:accept-encoding|connection|content-(?:encoding|length|type)|cookie|expect|host|keep-alive|te|trailer|transfer-encoding|upgrade|user-agent)$/i;

/** Finds headers that a request cannot have. */
export function* checkHeaders({ auth, headers = {} }: Pick<SourceOptions, 'auth' | 'headers'>): Iterable<Fault> {
  const own = auth.kind === 'headers' ? Object.keys(auth.headers) : ['authorization'];
  if (auth.kind === 'headers') for (const name of own) yield* checkName(name, `auth.headers.${name}`);
  const taken = new Set(own.map((name) => name.toLowerCase()));
  for (const [name, value] of Object.entries(headers)) {
    const at = `headers.${name}`;
    yield* checkName(name, at);
    if (taken.has(name.toLowerCase()))
      yield { at, seen: 'auth, or a header above, sets it too', expected: 'each header once' };
    taken.add(name.toLowerCase());
    if (typeof value !== 'string' || !VALUE.test(value))
      yield { at, seen: 'it is not a value of a header', expected: 'a text of printable ASCII, such as 2026-11-01' };
    else if (/\{[^{}]*\}/.test(value))
      yield { at, seen: 'nothing fills {…} there', expected: 'a constant; credentials belong into auth' };
  }
}

function* checkName(name: string, at: string): Iterable<Fault> {
  if (!NAME.test(name)) yield { at, seen: 'it is not a name of a header', expected: 'such as Accept-Version' };
  else if (RESERVED.test(name)) yield { at, seen: 'Callhouse sets it itself', expected: 'another header' };
}
