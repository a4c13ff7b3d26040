import { describe, expect, test } from 'vitest';
import type { Credentials, Secrets } from '../../functions/ports.ts';

/** Makes secrets that hold these credentials of one source's accounts. */
export type OpenSecrets = (source: string, held: Readonly<Record<string, Credentials>>) => Promise<Secrets>;

interface MissingCase {
  readonly says: string;
  readonly account: string;
  readonly held: Readonly<Record<string, Credentials>>;
}

const TOKEN = 'KALEM_API_TOKEN';
const NAMES = ['ZUDU_API_KEY', 'ZUDU_API_SECRET'];

/** What every holder of secrets does. */
export function secretsContract(open: OpenSecrets): void {
  test('returns only the requested credentials', async () => {
    const held = { ZUDU_API_KEY: 'key 1', ZUDU_API_SECRET: '!"#$%&/()=?`~', ZUDU_OTHER: 'x' };
    const secrets = await open('zudu', { default: held });
    expect(await secrets.read('zudu', 'default', NAMES)).toEqual({
      ZUDU_API_KEY: 'key 1',
      ZUDU_API_SECRET: '!"#$%&/()=?`~',
    });
  });

  test('keeps accounts apart', async () => {
    const secrets = await open('kalem', {
      default: { [TOKEN]: 'one' },
      north: { [TOKEN]: 'two' },
      north_2: { [TOKEN]: 'three' },
    });
    const read = async (account: string) => (await secrets.read('kalem', account, [TOKEN]))[TOKEN];
    expect(await Promise.all(['default', 'north', 'north_2'].map(read))).toEqual(['one', 'two', 'three']);
  });

  describe('fails and names what is missing for', () => {
    test.each<MissingCase>([
      { says: 'an account that does not exist', account: 'south', held: { north: { [TOKEN]: 'secret' } } },
      {
        says: 'the default account if only another exists',
        account: 'default',
        held: { north: { [TOKEN]: 'secret' } },
      },
      {
        says: 'another account if only the default one exists',
        account: 'north',
        held: { default: { [TOKEN]: 'secret' } },
      },
      { says: 'an account with an empty credential', account: 'north', held: { north: { [TOKEN]: '' } } },
    ])('$says', async ({ account, held }) => {
      const secrets = await open('kalem', held);
      const error = await secrets.read('kalem', account, [TOKEN]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'CredentialsError', exitCode: 2, context: { source: 'kalem', account } });
      expect(String(error)).toContain(TOKEN);
    });
  });

  describe('refuses, without showing it, a credential with', () => {
    test.each([
      ['a line break', 'secret\nvalue'],
      ['a carriage return', 'secret\rvalue'],
      ['a line break at its end', 'secret\n'],
      ['a tab', 'secret\tvalue'],
      ['a NUL', 'secret\0value'],
      ['white space before it', ' secret'],
      ['white space after it', 'secret '],
      ['a non-breaking space after it', 'secret\u00a0'],
      ['a letter beyond ASCII', 'secret\u2026value'],
    ])('%s', async (_, value) => {
      const secrets = await open('kalem', { default: { [TOKEN]: value } });
      const error = await secrets.read('kalem', 'default', [TOKEN]).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'CredentialsError', exitCode: 2 });
      expect(String(error)).toContain(TOKEN);
      expect(String(error)).not.toContain('secret');
    });
  });
}
