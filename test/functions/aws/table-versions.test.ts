import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { glueTableVersions } from '../../../functions/aws/glue/table-versions.ts';
import { type AthenaServer, startAthenaServer } from '../../helpers/athena-server.ts';

let server: AthenaServer;
beforeAll(async () => {
  server = await startAthenaServer();
});
beforeEach(() => {
  Object.assign(server, { answers: {}, faults: [] });
  server.calls.length = 0;
});
afterAll(() => server.close());

const credentials = { accessKeyId: 'x', secretAccessKey: 'y' };
const open = () => glueTableVersions({ endpoint: server.url, region: 'us-east-1', credentials, maxAttempts: 1 });

describe('glueTableVersions', () => {
  test('lists the numbers of all pages', async () => {
    server.answers['GetTableVersions'] = ({ NextToken: token }) =>
      token === undefined
        ? { TableVersions: [{ VersionId: '12' }, { VersionId: '11' }], NextToken: 'next' }
        : { TableVersions: [{ VersionId: '0' }] };
    const pages: (readonly number[])[] = [];
    for await (const page of open().list('callhouse', 'loads')) pages.push(page);
    expect(pages).toEqual([[12, 11], [0]]);
    expect(server.calls[0]).toMatchObject({
      name: 'GetTableVersions',
      input: { DatabaseName: 'callhouse', TableName: 'loads', MaxResults: 100 },
    });
  });

  test('deletes versions by their numbers, and takes one that is gone for deleted', async () => {
    const gone = { ErrorCode: 'EntityNotFoundException', ErrorMessage: 'x' };
    server.answers['BatchDeleteTableVersion'] = () => ({ Errors: [{ VersionId: '3', ErrorDetail: gone }] });
    await open().delete('callhouse', 'loads', [3, 4]);
    expect(server.calls[0]?.input).toEqual({ DatabaseName: 'callhouse', TableName: 'loads', VersionIds: ['3', '4'] });
  });

  test('says which table kept its versions', async () => {
    const busy = { ErrorCode: 'OperationTimeoutException', ErrorMessage: 'x' };
    server.answers['BatchDeleteTableVersion'] = () => ({ Errors: [{ VersionId: '3', ErrorDetail: busy }] });
    await expect(open().delete('callhouse', 'loads', [3])).rejects.toMatchObject({
      name: 'StorageError',
      message: expect.stringMatching(/versions of table callhouse\.loads .*OperationTimeoutException/),
    });
  });

  test('names the action that a role lacks', async () => {
    server.faults = [{ name: 'GetTableVersions', type: 'AccessDeniedException' }];
    const list = async () => {
      for await (const _ of open().list('callhouse', 'loads'));
    };
    await expect(list()).rejects.toMatchObject({
      name: 'StorageError',
      message: expect.stringContaining(
        'the role needs glue:GetTableVersions on it, and where Lake Formation governs it',
      ),
    });
  });
});
