import { describe, expect, test } from 'vitest';
import { accountsInEnvironment, envSecrets } from '../../../local/settings/env-secrets.ts';
import { secretsContract } from '../../contracts/secrets.contract.ts';

describe('envSecrets', () => {
  test.each([
    ['default', 'ZUDU_API_KEY, ZUDU_API_SECRET'],
    ['north', 'ZUDU_API_KEY__NORTH, ZUDU_API_SECRET__NORTH'],
  ])('says which variables hold the credentials of account %s', (account, names) => {
    expect(envSecrets({}).describe('zudu', account, ['ZUDU_API_KEY', 'ZUDU_API_SECRET'])).toBe(names);
  });

  secretsContract(async (_source, held) => {
    const variables = Object.entries(held).flatMap(([account, credentials]) =>
      Object.entries(credentials).map(([name, value]) => [
        account === 'default' ? name : `${name}__${account.toUpperCase()}`,
        value,
      ]),
    );
    return envSecrets(Object.fromEntries(variables));
  });

  test('names the variable to set, and where', async () => {
    await expect(envSecrets({}).read('kalem', 'north', ['KALEM_API_TOKEN'])).rejects.toThrow(
      'kalem (north): KALEM_API_TOKEN__NORTH is not set; set it in the environment or in the file .env',
    );
  });

  test('names all missing variables at once', async () => {
    await expect(envSecrets({}).read('zudu', 'default', ['ZUDU_API_KEY', 'ZUDU_API_SECRET'])).rejects.toThrow(
      'zudu: ZUDU_API_KEY and ZUDU_API_SECRET are not set; set them in the environment or in the file .env',
    );
  });

  test('returns optional settings if they are set', async () => {
    const secrets = envSecrets({ KALEM_API_TOKEN: 'a', KISMET_USER_IDS: '1,2' });
    const read = (optional: readonly string[]) => secrets.read('kalem', 'default', ['KALEM_API_TOKEN'], optional);
    expect(await read(['KISMET_USER_IDS', 'OTHER'])).toEqual({ KALEM_API_TOKEN: 'a', KISMET_USER_IDS: '1,2' });
    expect(await read([])).toEqual({ KALEM_API_TOKEN: 'a' });
  });

  test('reads the variables at every call', async () => {
    const env: Record<string, string> = { KALEM_API_TOKEN: 'old' };
    const secrets = envSecrets(env);
    await secrets.read('kalem', 'default', ['KALEM_API_TOKEN']);
    env['KALEM_API_TOKEN'] = 'new';
    expect(await secrets.read('kalem', 'default', ['KALEM_API_TOKEN'])).toEqual({ KALEM_API_TOKEN: 'new' });
  });
});

describe('accountsInEnvironment', () => {
  const NAMES = ['ZUDU_API_KEY', 'ZUDU_API_SECRET'];
  test.each([
    { says: 'finds none where nothing is set', env: {}, accounts: [] },
    { says: 'finds the default account', env: { ZUDU_API_KEY: 'a', ZUDU_API_SECRET: 'b' }, accounts: ['default'] },
    {
      says: 'finds accounts by suffix, without a default one',
      env: {
        ZUDU_API_KEY__SOUTH_2: 'a',
        ZUDU_API_SECRET__SOUTH_2: 'b',
        ZUDU_API_KEY__EAST: 'a',
        ZUDU_API_SECRET__EAST: 'b',
      },
      accounts: ['east', 'south_2'],
    },
    {
      says: 'finds accounts of which a part is set, for their run to say what is missing',
      env: { ZUDU_API_KEY: 'a', ZUDU_API_SECRET: '', ZUDU_API_KEY__EAST: 'a', ZUDU_API_SECRET__WEST: 'b' },
      accounts: ['default', 'east', 'west'],
    },
    {
      says: 'takes an empty variable for one that is not set',
      env: { ZUDU_API_KEY: '', ZUDU_API_SECRET__EAST: '' },
      accounts: [],
    },
    {
      says: 'ignores suffixes that are not names of accounts',
      env: { ZUDU_API_KEY__: 'a', ZUDU_API_SECRET__: 'b', ZUDU_API_KEY__east: 'a', ZUDU_API_SECRET__east: 'b' },
      accounts: [],
    },
  ])('$says', ({ env, accounts }) => {
    expect(accountsInEnvironment(env, NAMES)).toEqual(accounts);
  });
});
