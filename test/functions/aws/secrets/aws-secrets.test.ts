import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import {
  awsSecrets,
  credentialsSecret,
  PLACEHOLDER,
  readHashKey,
} from '../../../../functions/aws/secrets/aws-secrets.ts';
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
  awsSecrets({ nameOf: (source, account) => credentialsSecret('dev', source, account), client: client() });
const failureOf = (text: string) => {
  server.secrets.set(SECRET, text);
  return open()
    .read('kalem', 'default', [TOKEN])
    .catch((thrown: unknown) => thrown);
};

describe('awsSecrets', () => {
  secretsContract(async (source, held) => {
    for (const [account, credentials] of Object.entries(held)) {
      server.secrets.set(credentialsSecret('dev', source, account), JSON.stringify(credentials));
    }
    return open();
  });

  test('reads afresh each time', async () => {
    const secrets = open();
    for (const value of ['one', 'two']) {
      server.secrets.set(SECRET, JSON.stringify({ [TOKEN]: value }));
      expect(await secrets.read('kalem', 'default', [TOKEN])).toEqual({ [TOKEN]: value });
    }
    expect(server.asked).toEqual([SECRET, SECRET]);
  });

  test('gives what may be missing where it is there', async () => {
    server.secrets.set(SECRET, JSON.stringify({ [TOKEN]: 'one', A: '1', B: '' }));
    expect(await open().read('kalem', 'default', [TOKEN], ['A', 'B', 'C'])).toEqual({ [TOKEN]: 'one', A: '1' });
  });

  test('refuses the placeholder by name, with the command that replaces it', async () => {
    const error = await failureOf(JSON.stringify({ [TOKEN]: PLACEHOLDER }));
    expect(error).toMatchObject({ name: 'CredentialsError', exitCode: 2 });
    expect(String(error)).toContain(`${TOKEN} in ${SECRET} is still the placeholder`);
    expect(String(error)).toContain(`put-secret-value --secret-id ${SECRET} --secret-string '{"${TOKEN}":"…"}'`);
  });

  test.each(['', 'secret', '["secret"]', '"secret"', 'null', '{"secret'])(
    'refuses %j, showing the form',
    async (text) => {
      const error = await failureOf(text);
      expect(error).toMatchObject({ name: 'CredentialsError' });
      expect(String(error)).toContain(`secret ${SECRET} holds no JSON object; expected {"${TOKEN}":"…"}`);
    },
  );

  test.each([
    ['AccessDeniedException', 'may not be read'],
    ['DecryptionFailure', 'cannot be decrypted'],
    ['InvalidRequestException', 'cannot be read'],
  ])('says what to do at %s, and nothing of what AWS said', async (fault, shows) => {
    server.fault = fault;
    const error = await failureOf('{}');
    expect(error).toMatchObject({ name: 'CredentialsError', where: { source: 'kalem', account: 'default' } });
    expect(String(error)).toContain(shows);
    expect(String(error)).not.toContain('Jane');
  });
});

describe('readHashKey', () => {
  test('gives the key that AWS made', async () => {
    server.secrets.set('callhouse/dev/hash-key', '{"CALLHOUSE_HASH_KEY":"abc"}');
    expect(await readHashKey('callhouse/dev/hash-key', client())).toBe('abc');
  });

  test('fails where there is none', async () => {
    await expect(readHashKey('callhouse/dev/hash-key', client())).rejects.toThrow(
      /callhouse\/dev\/hash-key.*is not there/,
    );
  });
});
