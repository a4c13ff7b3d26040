/** Comments, texts and quoted names of a statement; whatever stands in them is no keyword. */
const ASIDE = /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`[^`]*(?:`|$)/g;

/** Keywords of statements that change nothing. */
const READS = new Set(['select', 'values', 'table', 'show', 'describe', 'desc']);

/**
 * True for a statement that only reads, by its type: SELECT, VALUES, TABLE, SHOW, DESCRIBE, WITH in front of one of them, and EXPLAIN of
 * one. `EXPLAIN ANALYZE` runs what it explains; of one that reads, it reads too.
 */
export function isReading(sql: string): boolean {
  const plain = sql.replace(ASIDE, ' ');
  // A second statement could be another one.
  if (/;\s*\S/.test(plain)) return false;
  const tokens = plain.toLowerCase().match(/[a-z_]+|[()]/g) ?? [];
  return READS.has(typeOf(tokens));
}

/** The keyword that says what a statement does. */
function typeOf(tokens: readonly string[]): string {
  let at = skipOpen(tokens, 0);
  if (tokens[at] === 'explain') {
    at += 1;
    if (tokens[at] === 'analyze') at += 1;
    if (tokens[at] === 'verbose') at += 1;
    // EXPLAIN (FORMAT JSON) …
    if (tokens[at] === '(' && OPTIONS.has(tokens[at + 1] ?? '')) at = afterParentheses(tokens, at);
    at = skipOpen(tokens, at);
  }
  if (tokens[at] !== 'with') return tokens[at] ?? '';
  // WITH a AS (…), b (x, y) AS (…) SELECT …: the first keyword outside parentheses that is no part of a definition.
  for (at += 1; at < tokens.length; ) {
    const token = tokens[at] ?? '';
    if (token === '(') at = afterParentheses(tokens, at);
    else if (STATEMENTS.has(token)) return token;
    else at += 1;
  }
  return '';
}

const OPTIONS = new Set(['type', 'format']);
/** What may follow the definitions of WITH. A definition may have one of these names only in quotes: they are reserved. */
const STATEMENTS = new Set(['select', 'values', 'table', 'insert', 'update', 'delete', 'merge', 'create', 'unload']);

function skipOpen(tokens: readonly string[], from: number): number {
  let at = from;
  while (tokens[at] === '(') at += 1;
  return at;
}

function afterParentheses(tokens: readonly string[], open: number): number {
  let depth = 0;
  for (let at = open; at < tokens.length; at += 1) {
    if (tokens[at] === '(') depth += 1;
    if (tokens[at] === ')') depth -= 1;
    if (depth === 0) return at + 1;
  }
  return tokens.length;
}
