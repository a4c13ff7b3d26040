import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';

/** An exported function or class, and the line above it. */
const EXPORTED = /(?<=^(.*)\n)export (?:default )?(?:async )?(?:function\*?|(?:abstract )?class) (\w+)/gm;

/** Names of the exported functions and classes of a text that no doc comment is directly above. */
function withoutDoc(text: string): readonly (string | undefined)[] {
  const exported = [...`\n${text}`.matchAll(EXPORTED)];
  return exported.filter(([, above = '']) => !above.endsWith('*/')).map(([, , name]) => name);
}

test.each(['schemas', 'functions', 'local', 'infra'])(
  'each exported function and class of %s/ has a doc comment',
  async (folder) => {
    const files = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.ts'));
    const texts = await Promise.all(files.map((name) => readFile(join(folder, name), 'utf8')));
    expect(texts.join('\n').match(EXPORTED)?.length).toBeGreaterThan(20);
    const bare = texts.flatMap((text, index) => withoutDoc(text).map((name) => `${folder}/${files[index]}: ${name}`));
    expect(bare).toEqual([]);
  },
);

test('an export without a doc comment is found wherever it is', () => {
  const text =
    'export function a() {}\nexport function b() {}\n/** Doc. */\nexport class C {}\n// No doc.\nexport class D {}';
  expect(withoutDoc(text)).toEqual(['a', 'b', 'D']);
});
