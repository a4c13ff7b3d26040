import { expect, test } from 'vitest';
import { ContractError } from '../../../../functions/errors.ts';
import { readStoredPage } from '../../../../functions/extract/pages/stored-page.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { unitStream } from '../../../helpers/session.ts';

const stored = (body: unknown, read: (body: unknown) => { records: unknown[] }, otherwise: object[] = []) =>
  readStoredPage({ ...unitStream, read, otherwise } as unknown as Stream, {
    context: { partition: 'x', page: 3, at: '2026-11-01T09:00:00Z' },
    body: Buffer.from(JSON.stringify(body)),
  });
const refuse = () => {
  throw new ContractError('another form');
};

test('a page that was kept has its body and the records in it, for the request that it answered', () => {
  const requests: unknown[] = [];
  const stream = {
    ...unitStream,
    read: (body: { all: unknown[] }, request: unknown) => {
      requests.push(request);
      return { records: body.all };
    },
  };
  const page = { context: { partition: 'x', page: 3, at: '' }, body: Buffer.from('{"all":[{"id":"a"}]}') };
  expect(readStoredPage(stream as never, page)).toMatchObject({ json: { all: [{ id: 'a' }] }, records: [{ id: 'a' }] });
  expect(requests).toEqual([{ partition: { id: 'x', context: {} }, page: 3, size: 2 }]);
});

test('a page that was requested in another way is read in that way', () => {
  const other = { read: (body: { rest: unknown[] }) => ({ records: body.rest }) };
  expect(stored({ rest: [1] }, refuse, [other]).records).toEqual([1]);
});

test('a page that no declared way can read has no records; a bug is thrown', () => {
  expect(stored({ a: 1 }, refuse, [{ read: refuse }])).toMatchObject({ json: { a: 1 }, records: [] });
  const fail = () => {
    throw new TypeError('a bug');
  };
  expect(() => stored({}, fail)).toThrow('a bug');
});
