import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { credentialsSecretName, PLACEHOLDER } from '../../../../functions/aws/names.ts';
import { awsSecrets } from '../../../../functions/aws/secrets/aws-secrets.ts';
import { readHashKey } from '../../../../functions/aws/secrets/read-hash-key.ts';
import { secretsContract } from '../../../contracts/secrets.contract.ts';
import { type SecretsServer, startSecretsServer } from '../../../helpers/secrets-server.ts';

const TOKEN = 'KALEM_API_TOKEN';
const SECRET = 'callhouse/dev/kalem/default';

let server: SecretsServer;
beforeAll(async () => {
  server = await startSecretsServer();
});
afterEach(() => {
  server.secrets.clear();
  server.asked.length = 0;
});
afterAll(() => server.close());

const client = () => ({
  endpoint: server.url,
  region: 'us-east-1',
  credentials: { accessKeyId: 'x', secretAccessKey: 'y' },
});
const open = () =>
  awsSecrets({ nameOf: (source, account) => credentialsSecretName('dev', source, account), client: client() });
const failureOf = (text: string) => {
  server.secrets.set(SECRET, text);
  return open()
    .read('kalem', 'default', [TOKEN])
    .catch((thrown: unknown) => thrown);
};

describe('awsSecrets', () => {
  test('says in which secret the credentials of an account are', () => {
    expect(open().describe('zudu', 'north', ['ZUDU_API_KEY', 'ZUDU_API_SECRET'])).toBe(
      'ZUDU_API_KEY, ZUDU_API_SECRET in secret callhouse/dev/zudu/north',
    );
  });

  secretsContract(async (source, held) => {
    for (const [account, credentials] of Object.entries(held)) {
      server.secrets.set(credentialsSecretName('dev', source, account), JSON.stringify(credentials));
    }
    return open();
  });

  test('reads the secret afresh at each call', async () => {
    const secrets = open();
    for (const value of ['one', 'two']) {
      server.secrets.set(SECRET, JSON.stringify({ [TOKEN]: value }));
      expect(await secrets.read('kalem', 'default', [TOKEN])).toEqual({ [TOKEN]: value });
    }
    expect(server.asked).toEqual([SECRET, SECRET]);
  });

  test('returns optional texts that are set', async () => {
    server.secrets.set(SECRET, JSON.stringify({ [TOKEN]: 'one', A: '1', B: '' }));
    expect(await open().read('kalem', 'default', [TOKEN], ['A', 'B', 'C'])).toEqual({ [TOKEN]: 'one', A: '1' });
  });

  test('refuses the placeholder and names the command that replaces it', async () => {
    const error = await failureOf(JSON.stringify({ [TOKEN]: PLACEHOLDER }));
    expect(error).toMatchObject({ name: 'CredentialsError', exitCode: 2 });
    expect(String(error)).toContain(`${TOKEN} in ${SECRET} is still the placeholder`);
    expect(String(error)).toContain(`put-secret-value --secret-id ${SECRET} --secret-string '{"${TOKEN}":"…"}'`);
  });

  test.each(['', 'secret', '["secret"]', '"secret"', 'null', '{"secret'])(
    'refuses %j and shows the expected form',
    async (text) => {
      const error = await failureOf(text);
      expect(error).toMatchObject({ name: 'CredentialsError' });
      expect(String(error)).toContain(`secret ${SECRET} is not a JSON object; expected {"${TOKEN}":"…"}`);
    },
  );

  test.each([
    ['AccessDeniedException', 'may not be read'],
    ['DecryptionFailure', 'cannot be decrypted'],
    ['InvalidRequestException', 'restore-secret'],
  ])('names the remedy for %s without quoting AWS', async (fault, shows) => {
    server.fault = fault;
    const error = await failureOf('{}');
    expect(error).toMatchObject({ name: 'CredentialsError', context: { source: 'kalem', account: 'default' } });
    expect(String(error)).toContain(shows);
    expect(String(error)).not.toContain('Jane');
  });
});

describe('a failure of Secrets Manager that may pass', () => {
  test.each([
    ['InternalServiceError', 500],
    ['ThrottlingException', 400],
  ])('says nothing about the credentials: %s', { timeout: 20_000 }, async (code, status) => {
    server.outage = { code, status };
    const error = await failureOf('{}');
    server.outage = undefined;
    expect(error).toMatchObject({ name: 'StorageError', exitCode: 5, context: { source: 'kalem' } });
    expect(String(error)).toContain(`cannot be read now: AWS ${status === 500 ? 'answered 500' : 'asked'} five times`);
  });

  test('such as a host that does not answer', { timeout: 20_000 }, async () => {
    const gone = { ...client(), endpoint: 'http://127.0.0.1:1' };
    const secrets = awsSecrets({ nameOf: () => SECRET, client: gone });
    await expect(secrets.read('kalem', 'default', [TOKEN])).rejects.toMatchObject({ name: 'StorageError' });
  });
});

describe('readHashKey', () => {
  test('refuses a key that can be guessed, and names the command that stores another', async () => {
    server.secrets.set('callhouse/dev/hash-key', JSON.stringify({ CALLHOUSE_HASH_KEY: 'k'.repeat(31) }));
    await expect(readHashKey('callhouse/dev/hash-key', client())).rejects.toThrow(
      /has 31 characters; expected at least 32, .*put-secret-value .*rotate-hash-key --aws$/,
    );
  });

  test('returns the key', async () => {
    server.secrets.set('callhouse/dev/hash-key', '{"CALLHOUSE_HASH_KEY":"0123456789abcdef0123456789abcdef"}');
    expect(await readHashKey('callhouse/dev/hash-key', client())).toMatchObject({
      key: '0123456789abcdef0123456789abcdef',
    });
  });

  test('fails if the secret does not exist', async () => {
    await expect(readHashKey('callhouse/dev/hash-key', client())).rejects.toThrow(
      /callhouse\/dev\/hash-key.*does not exist/,
    );
  });
});
