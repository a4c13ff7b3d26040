import { randomUUID } from 'node:crypto';
import { CreateBucketCommand, S3Client } from '@aws-sdk/client-s3';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { s3Store } from '../../../../functions/aws/s3/s3-store.ts';
import { storeContract } from '../../../contracts/store.contract.ts';
import { collect } from '../../../helpers/collect.ts';
import { type S3Fault, type S3Server, startS3Server } from '../../../helpers/s3-server.ts';

const credentials = { accessKeyId: 'test', secretAccessKey: 'test' };
const KEY = 'raw/kalem/default/calls/x';

let server: S3Server;
beforeAll(async () => {
  server = await startS3Server();
});
afterEach(() => {
  server.faults = [];
});
afterAll(() => server.close());

const config = () => ({ endpoint: server.url, region: 'us-east-1', forcePathStyle: true, credentials });
const open = (more: { prefix?: string; kmsKeyId?: string; bucket?: string } = {}) =>
  s3Store({ bucket: `b-${randomUUID()}`, client: config(), sleep: async () => {}, ...more });

describe('s3Store', () => {
  describe('on the in-process server', () => storeContract(async () => open()));
  describe('below a prefix', () =>
    storeContract(async () => open({ prefix: `lake/${randomUUID()}`, bucket: 'shared' })));

  test('has the name of its bucket and prefix', () => {
    expect(open({ bucket: 'lake' }).name).toBe('s3://lake');
    expect(open({ bucket: 'lake', prefix: 'a/b' }).name).toBe('s3://lake/a/b');
  });

  test('encrypts with the given key, otherwise leaves that to the bucket', async () => {
    await open({ kmsKeyId: 'key-1' }).put('a', Buffer.from('x'));
    expect(server.requests.at(-1)?.headers).toMatchObject({
      'x-amz-server-side-encryption': 'aws:kms',
      'x-amz-server-side-encryption-aws-kms-key-id': 'key-1',
      'content-length': '1',
    });
    await open().put('a', Buffer.from('x'), { replace: true });
    expect(server.requests.at(-1)?.headers['x-amz-server-side-encryption']).toBeUndefined();
  });

  test('says that a page is HTML, so that a browser shows it', async () => {
    await open().put('report/report.html', Buffer.from('<p>'), { replace: true });
    expect(server.requests.at(-1)?.headers['content-type']).toBe('text/html; charset=utf-8');
  });

  describe('continues after', () => {
    const conflict: S3Fault = { status: 409, code: 'ConditionalRequestConflict' };
    const slow: S3Fault = { status: 503, code: 'SlowDown' };
    test.each<{ readonly says: string; readonly faults: readonly S3Fault[] }>([
      { says: 'conflicting writes of the same key', faults: [conflict, conflict] },
      { says: 'requests to slow down', faults: [slow, slow] },
      { says: 'an internal error', faults: [{ status: 500, code: 'InternalError' }] },
      { says: 'a reset connection', faults: ['reset'] },
      { says: 'a lost answer', faults: ['lost'] },
      { says: 'a lost answer, then a conflict with its own write', faults: ['lost', conflict] },
      { says: 'a lost answer between requests to slow down', faults: [slow, 'lost', slow] },
    ])('$says', { timeout: 20_000 }, async ({ faults }) => {
      const store = open();
      server.faults = [...faults];
      expect(await store.put('key', Buffer.from('one'))).toBe(true);
      expect(Buffer.from((await store.get('key')) ?? []).toString()).toBe('one');
      expect(await store.put('key', Buffer.from('two'))).toBe(false);
    });

    test('a body that ends early', async () => {
      const store = open();
      await store.put('key', Buffer.alloc(100_000, 'x'));
      server.faults = ['cut', 'cut'];
      expect((await store.get('key'))?.byteLength).toBe(100_000);
    });

    test('a listing that fails once', async () => {
      const store = open();
      await store.put('a', Buffer.from('x'));
      server.faults = [slow];
      expect(await collect(store.list(''))).toEqual(['a']);
    });
  });

  test.each<{ readonly says: string; readonly faults: readonly (S3Fault | undefined)[] }>([
    { says: 'a lost answer', faults: [undefined, 'lost'] },
    { says: 'conflicting writes', faults: [undefined, { status: 409, code: 'ConditionalRequestConflict' }] },
  ])('replaces given bytes also after $says', { timeout: 20_000 }, async ({ faults }) => {
    const store = open();
    await store.put('key', Buffer.from('one'));
    server.faults = [...faults];
    expect(await store.put('key', Buffer.from('two'), { replace: Buffer.from('one') })).toBe(true);
    expect(server.requests.at(-1)?.headers['if-match'] ?? server.requests.at(-2)?.headers['if-match']).toBeDefined();
    expect(Buffer.from((await store.get('key')) ?? []).toString()).toBe('two');
  });

  test('replaces given bytes once, if many writers do at the same time', async () => {
    const store = open();
    await store.put('key', Buffer.from('one'));
    const puts = Array.from({ length: 10 }, (_, n) =>
      store.put('key', Buffer.from(`two ${n}`), { replace: Buffer.from('one') }),
    );
    const written = await Promise.all(puts);
    expect(written.filter(Boolean)).toHaveLength(1);
    expect(Buffer.from((await store.get('key')) ?? []).toString()).toBe(`two ${written.indexOf(true)}`);
  });

  test('replaces nothing that was deleted since it was compared', async () => {
    const store = open();
    await store.put('key', Buffer.from('one'));
    server.faults = [undefined, { status: 404, code: 'NoSuchKey' }];
    expect(await store.put('key', Buffer.from('two'), { replace: Buffer.from('one') })).toBe(false);
  });

  test('does not mistake another object for its own if the answer to a write was lost', {
    timeout: 20_000,
  }, async () => {
    const store = open({ bucket: 'taken' });
    server.objects.set('taken/key', Buffer.from('theirs'));
    server.faults = ['reset'];
    expect(await store.put('key', Buffer.from('ours'))).toBe(false);
  });

  describe('fails with the bucket and the first part of the key, and quotes neither the key nor AWS, for', () => {
    const secret = 'arn:aws:iam::1:role/x on Jane';
    test.each([
      { code: 'AccessDenied', status: 403, message: secret, shows: 'access is denied' },
      {
        code: 'AccessDenied',
        status: 403,
        message: `not authorized to perform: kms:GenerateDataKey ${secret}`,
        shows: 'key',
      },
      { code: 'KMS.DisabledException', status: 400, message: secret, shows: 'encryption key' },
      { code: 'NoSuchBucket', status: 404, message: secret, shows: 'no such bucket' },
      { code: 'Odd', status: 400, message: secret, shows: 'AWS answered 400' },
    ])('$code, $shows', async ({ shows, ...fault }) => {
      const store = open({ bucket: 'lake' });
      server.faults = [fault];
      const error = await store.put(KEY, Buffer.from('Jane')).catch((thrown: unknown) => thrown);
      expect(error).toMatchObject({ name: 'StorageError', exitCode: 5 });
      expect(String(error)).toMatch(/^StorageError: cannot write in s3:\/\/lake \(raw\/\): /);
      expect(String(error)).toContain(shows);
      expect(`${error} ${JSON.stringify(error)} ${(error as Error).cause}`).not.toMatch(/Jane|arn:|calls\/x/);
    });

    test.each([
      { code: 'ExpiredToken', status: 400 },
      { code: 'InvalidAccessKeyId', status: 403 },
    ])('$code, as a failure of credentials', async (fault) => {
      server.faults = [fault];
      await expect(open().get(KEY)).rejects.toMatchObject({ name: 'CredentialsError', exitCode: 2 });
    });

    test('a host that does not answer', { timeout: 20_000 }, async () => {
      const store = s3Store({
        bucket: 'lake',
        client: { ...config(), endpoint: 'http://127.0.0.1:1', maxAttempts: 2 },
      });
      await expect(store.get(KEY)).rejects.toThrow(/cannot read in s3:\/\/lake \(raw\/\): AWS cannot be reached/);
    });
  });
});

/** Servers that others wrote, `name=url` with commas between: `CALLHOUSE_ENGINES=ministack=http://127.0.0.1:4566`; see test/engines/README.md. */
const engines = (process.env['CALLHOUSE_ENGINES'] ?? '').split(',').filter((engine) => engine.includes('='));
describe.each(engines)('s3Store on %s', (engine) => {
  const [, endpoint = ''] = engine.split('=');
  storeContract(async () => {
    const bucket = `b-${randomUUID()}`;
    const client = { ...config(), endpoint };
    await new S3Client(client).send(new CreateBucketCommand({ Bucket: bucket }));
    return s3Store({ bucket, client });
  });
});
