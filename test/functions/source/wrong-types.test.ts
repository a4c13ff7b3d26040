import { expect, test } from 'vitest';
import { DeclarationError } from '../../../functions/errors.ts';
import { checkDeclaration } from '../../../functions/source/check-declaration.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import capped from '../../fixtures/sources/capped.ts';
import figures from '../../fixtures/sources/figures.ts';
import oauthPhone from '../../fixtures/sources/oauth-phone.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import quo from '../../fixtures/sources/quo.ts';
import { partsOf, withPart } from '../../helpers/parts-of.ts';

const SOURCES = { capped, figures, oauth_phone: oauthPhone, postbox, quo };
const WRONG: readonly unknown[] = [null, undefined, 7, 'x', '', [], [null], {}, { a: null }, true, () => null];

test.each(Object.entries(SOURCES))(
  'a declaration of %s with any part of a wrong type is sound or named',
  (name, source) => {
    let refused = 0;
    for (const path of partsOf(source)) {
      for (const value of WRONG) {
        try {
          checkDeclaration('nova.ts', name, withPart(source, path, value));
        } catch (error) {
          if (!(error instanceof DeclarationError))
            throw new Error(`${path.join('.')} = ${String(value)}`, { cause: error });
          refused += 1;
        }
      }
    }
    expect(refused).toBeGreaterThan(300);
  },
);

test('a stream that is null disables its vendor alone, and is named', async () => {
  const files = {
    'postbox.ts': { default: { ...postbox, streams: { ...postbox.streams, calls: null } } },
    'capped.ts': { default: capped },
  };
  const { sources, broken } = await loadSources(undefined, {
    list: async () => Object.keys(files),
    load: async (name) => files[`${name}.ts` as keyof typeof files],
    tables: async () => [],
  });
  expect(sources.map(({ name }) => name)).toEqual(['capped']);
  expect(broken.map(({ error }) => error.message)).toEqual([
    expect.stringMatching(
      /^functions\/sources\/postbox\.ts: calls: a part of it has a wrong type \(.*\); expected the types in/,
    ),
  ]);
});
