/** Functions that mean the same on Athena and DuckDB. `concat`, `greatest` and `least`, for example, do not where a value is null. */
const SHARED = new Set(
  [
    'abs ceil ceiling floor round sign sqrt exp ln log10 power coalesce nullif if cast try_cast lower upper trim ltrim rtrim replace',
    'translate length strpos position substr substring split_part reverse starts_with lpad rpad date_diff date_trunc extract year month',
    'quarter day hour minute second',
  ].flatMap((names) => names.split(' ')),
);
/** Words that may precede a parenthesis without being a function. */
const WORDS = new Set(
  'and as between by case else from in interval is like not on or then when where decimal char varchar timestamp'.split(
    ' ',
  ),
);
/** Names of types that both engines know. */
const TYPES =
  /^(varchar|bigint|int|integer|smallint|tinyint|double|real|decimal|boolean|date|timestamp|time)(\s*\(|$)/i;

/** What one of the engines alone reads, or reads otherwise; first in a message is what was seen. */
const UNSHARED: readonly (readonly [form: RegExp, seen: string])[] = [
  [/::/, 'Athena has no ::; TRY_CAST(x AS bigint) is the same on both'],
  [/\bilike\b/i, "Athena has no ILIKE; lower(x) LIKE '…' is the same on both"],
  [/\b(glob|similar\s+to)\b/i, 'Athena has no GLOB and no SIMILAR TO; LIKE is the same on both'],
  [/->|[{}~^@#]|\/\/|\*\*|==|<<|>>|&|(?<!\|)\|(?!\|)|\$\$/, 'it has an operator that Athena does not have'],
  [
    /\bextract\s*\(\s*(?!(?:year|quarter|month|day|hour|minute|second)\b)/i,
    'the engines differ in other parts of a time than year, quarter, month, day, hour, minute and second',
  ],
  [/:/, 'Athena has no [from:to]; substr(x, from, length) is the same on both'],
  [
    /\binterval\s+(?:\d|\(|''(?!\s*(?:year|month|day|hour|minute|second)\b))/i,
    "Athena has no such INTERVAL; INTERVAL '1' DAY is the same on both",
  ],
];

/**
 * Judges an expression of `calls` as far as its text tells: each part must mean the same on Athena and DuckDB, and must not fail at a value,
 * because one view shows the calls of all sources. DuckDB alone judges the grammar, names and types.
 * @returns what is wrong, in one line
 */
export function judgeExpression(expression: string): string | undefined {
  if (/\bdate_diff\s*\(\s*'(?!millisecond')/i.test(expression))
    return "DuckDB counts other units than milliseconds otherwise than Athena; date_diff('millisecond', a, b) / 1e3 is the same on both";
  const bare = expression.replace(/'(?:[^']|'')*'/g, "''").replace(/"(?:[^"]|"")*"/g, 'x');
  const unshared = UNSHARED.find(([form]) => form.test(bare));
  return unshared?.[1] ?? judgeCasts(bare) ?? judgeDivisors(bare) ?? judgeFunctions(bare);
}

function judgeFunctions(bare: string): string | undefined {
  const called = [...bare.matchAll(/\b([a-z_]\w*)\s*\(/gi)].map(([, name = '']) => name.toLowerCase());
  const strange = called.find((name) => !SHARED.has(name) && !WORDS.has(name));
  return strange && `${strange} is none of the functions that mean the same on both engines: ${[...SHARED].join(', ')}`;
}

function judgeCasts(bare: string): string | undefined {
  for (const { index, 0: word } of bare.matchAll(/\b(?:try_)?cast\s*\(/gi)) {
    const [, type = ''] =
      /\bas\s+([a-z]\w*(?:\s*\([\d\s,]*\))?)\s*$/i.exec(inParentheses(bare, index + word.length)) ?? [];
    if (type !== '' && !TYPES.test(type)) return `Athena has no type ${type}`;
    if (/^cast/i.test(word) && !/^varchar$/i.test(type))
      return 'CAST fails at a value that does not fit, and then no call of any source is shown; TRY_CAST makes it null';
  }
  return undefined;
}

/** Text up to the parenthesis that closes the one before `from`. */
function inParentheses(text: string, from: number): string {
  for (let at = from, depth = 1; at < text.length; at += 1) {
    if (text[at] === '(') depth += 1;
    if (text[at] === ')') depth -= 1;
    if (depth === 0) return text.slice(from, at);
  }
  return text.slice(from);
}

function judgeDivisors(bare: string): string | undefined {
  const mayBeZero = /[/%](?!\s*(?:nullif\s*\(|\d[\d.]*(?:e\d+)?))/i.test(bare);
  return mayBeZero ? 'Athena fails where it divides by 0; / nullif(x, 0) is null there on both' : undefined;
}
