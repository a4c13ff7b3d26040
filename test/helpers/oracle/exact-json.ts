/** A JSON number by its digits, so that none is lost. */
export interface ExactNumber {
  readonly digits: string;
}

/** JSON read without loss; objects are maps, so any name and any order is kept. */
export type Exact = null | boolean | string | ExactNumber | readonly Exact[] | ReadonlyMap<string, Exact>;

const TOKEN = /\s*(?:([{}[\],:])|("[^"\\]*(?:\\.[^"\\]*)*")|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|(true|false|null))\s*/y;
const LITERALS: Readonly<Record<string, boolean | null>> = { true: true, false: false, null: null };

/** One token: a punctuation mark, or a literal value. */
type Token = { readonly mark: string } | { readonly value: Exact };

/** Reads JSON text; throws on anything else. */
export function parseExact(text: string): Exact {
  const tokens = readTokens(text);
  const value = readValue(tokens, next(tokens));
  if (!tokens.next().done) throw new SyntaxError('text after the JSON value');
  return value;
}

function* readTokens(text: string): Generator<Token, undefined> {
  for (let from = 0; from < text.length; ) {
    TOKEN.lastIndex = from;
    const [token, mark, string, number, literal] = TOKEN.exec(text) ?? [];
    if (token === undefined) throw new SyntaxError('not JSON');
    from += token.length;
    if (mark !== undefined) yield { mark };
    else if (string !== undefined) yield { value: JSON.parse(string) as string };
    else if (number !== undefined) yield { value: { digits: number } };
    else yield { value: LITERALS[literal ?? ''] ?? null };
  }
}

type Tokens = Iterator<Token, undefined>;

function next(tokens: Tokens): Token {
  const { value } = tokens.next();
  if (value === undefined) throw new SyntaxError('JSON ends too early');
  return value;
}

function readValue(tokens: Tokens, token: Token): Exact {
  if ('value' in token) return token.value;
  if (token.mark === '[') return readList(tokens);
  if (token.mark === '{') return readObject(tokens);
  throw new SyntaxError(`unexpected ${token.mark}`);
}

function readList(tokens: Tokens): Exact {
  const items: Exact[] = [];
  for (let token = next(tokens); !isMark(token, ']'); token = next(tokens)) {
    const first = items.length > 0 ? expectComma(tokens, token) : token;
    items.push(readValue(tokens, first));
  }
  return items;
}

function readObject(tokens: Tokens): Exact {
  const members = new Map<string, Exact>();
  for (let token = next(tokens); !isMark(token, '}'); token = next(tokens)) {
    const name = members.size > 0 ? expectComma(tokens, token) : token;
    if (!('value' in name) || typeof name.value !== 'string') throw new SyntaxError('a name is no string');
    if (!isMark(next(tokens), ':')) throw new SyntaxError('no colon after a name');
    members.set(name.value, readValue(tokens, next(tokens)));
  }
  return members;
}

function expectComma(tokens: Tokens, token: Token): Token {
  if (!isMark(token, ',')) throw new SyntaxError('no comma between values');
  return next(tokens);
}

function isMark(token: Token, mark: string): boolean {
  return 'mark' in token && token.mark === mark;
}

/** Writes compact JSON: integers with every digit, other numbers as their shortest text. */
export function writeExact(value: Exact): string {
  if (value === null || typeof value === 'boolean' || typeof value === 'string') return JSON.stringify(value);
  if (value instanceof Map) {
    const members = [...value].map(([name, member]) => `${JSON.stringify(name)}:${writeExact(member)}`);
    return `{${members.join(',')}}`;
  }
  if ('digits' in value) return normalizeNumber(value.digits);
  return `[${[...(value as readonly Exact[])].map(writeExact).join(',')}]`;
}

function normalizeNumber(digits: string): string {
  return /^-?\d+$/.test(digits) ? BigInt(digits).toString() : String(Number(digits));
}

/** A member of an object; null if it is not an object or has no such member. */
export function member(value: Exact | undefined, ...path: readonly string[]): Exact {
  let current: Exact = value ?? null;
  for (const name of path) current = current instanceof Map ? (current.get(name) ?? null) : null;
  return current;
}
