import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { expectLinear } from '../helpers/expect-linear.ts';

/** A literal, after a character that may precede a literal but not a division. */
const LITERAL = /(?<=[=(,[:?!&|{}]\s*|return\s+)\/(?![*/])((?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n[])+)\/([dgimsuvy]*)/g;

/** Every regular expression in the pipeline, by file and text. */
async function allExpressions(): Promise<readonly (readonly [name: string, expression: RegExp])[]> {
  const found: (readonly [string, RegExp])[] = [];
  for (const folder of ['functions', 'schemas']) {
    const files = (await readdir(folder, { recursive: true })).filter((file) => file.endsWith('.ts'));
    for (const file of files.sort()) {
      const text = (await readFile(join(folder, file), 'utf8')).replaceAll(/^\s*(?:\/?\*|\/\/).*$/gm, '');
      for (const [, source = '', flags] of text.matchAll(LITERAL))
        found.push([`${folder}/${file}: ${source}`, new RegExp(source, flags)]);
    }
  }
  return found;
}

const EXPRESSIONS = await allExpressions();

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
  const names = EXPRESSIONS.map(([name]) => name);
  expect(names.length).toBeGreaterThan(50);
  for (const file of [
    'http/lossless-json',
    'http/lossless-number',
    'extract/rows/coerce',
    'extract/rows/hashes',
    'time',
  ])
    expect(names.some((name) => name.startsWith(`functions/${file}.ts`))).toBe(true);
  expect(names.some((name) => name.startsWith('schemas/json-text.ts'))).toBe(true);
});

test.each(EXPRESSIONS)('%s takes linear time on any text', (_name, expression) => {
  for (const place of textsOf(1).keys()) {
    expectLinear((size) => {
      const text = textsOf(size)[place] ?? '';
      expression.lastIndex = 0;
      if (expression.global) text.replaceAll(expression, '');
      else expression.exec(text);
    });
  }
});
