import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectLinear } from '../helpers/expect-linear.ts';

/** A literal, after a character that may precede a literal but not a division. */
const LITERAL = /(?<=[=(,[:?!&|{}]\s*|return\s+)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)/g;

/** Every regular expression of the product, by file and text; simulators are vendors, and read what we send. */
async function allExpressions(): Promise<readonly (readonly [name: string, expression: RegExp])[]> {
  const found: (readonly [string, RegExp])[] = [];
  for (const folder of ['functions', 'schemas', 'local', 'infra']) {
    const all = await readdir(folder, { recursive: true });
    const files = all.filter((file) => file.endsWith('.ts') && !file.startsWith('simulators/'));
    for (const file of files.sort()) {
      const text = (await readFile(join(folder, file), 'utf8')).replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '');
      for (const [, source = '', flags] of text.matchAll(LITERAL))
        found.push([`${folder}/${file}: ${source}`, new RegExp(source, flags)]);
    }
  }
  return found;
}

const ALL = await allExpressions();
/** Several files have the same ones. */
const EXPRESSIONS = [...new Map(ALL.map((one) => [String(one[1]), one])).values()];

/** One of every class of characters that an expression here names. */
const LETTERS = [...' \n019.-:/eTaz"\\,[(\u0000\u2010', '0.', '-1', ' 1', '/a', 'A_'];

const texts = new Map<number, readonly string[]>();

/** What an expression may begin to match, a run of so many characters, and an end that none of them takes. */
function textsOf(size: number): readonly string[] {
  const known = texts.get(size);
  if (known) return known;
  const made = LETTERS.flatMap((letter) =>
    ['', '1', '"', '['].map((begin) => `${begin}${letter.repeat(size / letter.length)}\u0001`),
  );
  texts.set(size, made);
  return made;
}

test('every regular expression in the sources is found', () => {
  const names = ALL.map(([name]) => name);
  expect(names.length).toBeGreaterThan(100);
  for (const file of [
    'http/lossless-json',
    'http/lossless-number',
    'extract/rows/coerce',
    'extract/rows/hashes',
    'time',
  ])
    expect(names.some((name) => name.startsWith(`functions/${file}.ts`))).toBe(true);
  for (const file of [
    'schemas/json-text',
    'local/console/format-csv',
    'local/console/print-error',
    'local/settings/dotenv',
    'local/commands/new-source/guess-columns',
    'infra/config',
  ])
    expect(
      names.some((name) => name.startsWith(`${file}.ts`)),
      file,
    ).toBe(true);
});

const SMALL = 1 << 17;
/** Texts of a megabyte are made of those on which the expression was slowest when they were small. */
const SLOWEST = 4;

test.each(EXPRESSIONS)('%s takes linear time on any text', (_name, expression) => {
  const work = (place: number) => (size: number) => {
    const text = textsOf(size)[place] ?? '';
    expression.lastIndex = 0;
    if (expression.global) text.replaceAll(expression, '');
    else expression.exec(text);
  };
  const times = [...textsOf(1).keys()].map((place) => {
    const before = performance.now();
    expectLinear(work(place), SMALL);
    return { place, ms: performance.now() - before };
  });
  for (const { place } of times.sort((a, b) => b.ms - a.ms).slice(0, SLOWEST)) expectLinear(work(place));
});
