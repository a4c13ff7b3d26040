import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../functions/errors.ts';
import { WHOLE_STREAM } from '../../../functions/source/page.ts';
import { variantsOf } from '../../../functions/source/variants.ts';
import { readAnswer, readingAnswer, stream } from '../../helpers/read-answer.ts';

describe('a failure with status 200', () => {
  const answer = { records: 'data' };
  test.each([
    [{ success: false }, 'success'],
    [{ success: 'false' }, 'success'],
    [{ ok: false }, 'ok'],
    [{ status: 'error' }, 'status'],
    [{ status: 'ERROR' }, 'status'],
    [{ status: 'failed' }, 'status'],
    [{ error: 'Jane Doe' }, 'error'],
    [{ error: { code: 1 } }, 'error'],
    [{ error: true }, 'error'],
    [{ errors: ['Jane Doe'] }, 'errors'],
  ])('is refused for every source: %j', (body, field) => {
    expect(readingAnswer(answer, { data: [], ...body })).toThrow(
      new ContractError(`the vendor reported a failure with status 200 (${field}); expected a page of records`),
    );
  });

  test.each([
    { success: true },
    { status: 'success' },
    { status: 200 },
    { error: null },
    { error: '' },
    { error: false },
    { error: 0 },
    { error: {} },
    { errors: [] },
  ])('is not %j', (body) => {
    expect(readAnswer(answer, { data: [1], ...body }).records).toEqual([1]);
  });

  test.each([
    [{ meta: { success: false } }, 'meta.success'],
    [{ meta: { code: 401, error_type: 'x' } }, 'meta.code'],
    [{ status: { code: 500 } }, 'status.code'],
    [{ response: { error: 'Jane Doe' } }, 'response.error'],
  ])('is refused also beside the records: %j', (body, field) => {
    expect(readingAnswer(answer, { data: [], ...body })).toThrow(`with status 200 (${field}); expected`);
  });

  test.each([
    ['data.calls', { data: { success: false, calls: [] } }, 'data.success'],
    ['a.b.calls', { a: { ok: 0, b: { calls: null } } }, 'a.ok'],
    ['a.b.calls', { a: { b: { error: 'Jane Doe', calls: [] } } }, 'a.b.error'],
    [['data', 'data.items'], { data: { isError: true, items: [] } }, 'data.isError'],
  ])('is refused also around the records at %j: %j', (records, body, field) => {
    expect(readingAnswer({ records }, body)).toThrow(`with status 200 (${field}); expected`);
  });

  test.each([
    ['result.calls', { result: { calls: [1], status: 'failed' } }],
    ['data', { data: [1], meta: { code: 200, status: 'ok', errors: [] } }],
    ['data', { data: [1], filters: { status: 'failed' } }],
  ])('is nothing around the records at %s, nor what is requested: %j', (records, body) => {
    expect(readAnswer({ records }, body).records).toEqual([1]);
  });

  test('is what the source says, if it says so', () => {
    const failed = (body: unknown) => (body as { code: number }).code !== 0;
    expect(readAnswer({ ...answer, failed }, { data: [1], code: 0, error: 'none' }).records).toEqual([1]);
    expect(readingAnswer({ ...answer, failed }, { data: [1], code: 9 })).toThrow('(as declared)');
  });

  test('is refused also where the source reads the answer itself', () => {
    const [variant] = variantsOf({ ...stream, read: () => ({ records: [] }) });
    expect(() => variant.read({ success: false }, { partition: WHOLE_STREAM, page: 1, size: 2 })).toThrow(
      ContractError,
    );
  });
});
