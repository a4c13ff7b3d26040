import { describe, expect, test } from 'vitest';
import { failureIn } from '../../../functions/http/judge-answer.ts';

describe('an answer with status 200', () => {
  test.each([
    { success: false },
    { success: 'false' },
    { success: 0 },
    { Success: false },
    { ok: 0 },
    { status: 'ERROR' },
    { status: 'fail' },
    { status: false },
    { status: 500 },
    { status: '401' },
    { code: 429 },
    { result: 'failed' },
    { error: 'try again' },
    { error: { code: 'x' } },
    { errors: ['x'] },
    { error_code: 7 },
    { exception: 'TimeoutException' },
    { fault: { faultstring: 'x' } },
    { is_error: true },
    { hasErrors: true },
    { failed: 'true' },
    { isSuccess: false },
    { statusCode: 401 },
    { http_status: '503' },
    { errcode: 40001 },
    { errorMessage: 'try again' },
    { type: 'error' },
    { state: 'FAILED' },
  ])('reports a failure: %j', (body) => {
    expect(failureIn({ data: [], ...body })).toBe(Object.keys(body)[0]);
  });

  test.each([
    { success: true },
    { success: null },
    { status: 'success' },
    { status: 200 },
    { status: 'completed' },
    { code: 0 },
    { code: 200 },
    { error: null },
    { error: '' },
    { errors: [] },
    { errors: {} },
    { error: 'false' },
    { error_code: 0 },
    { is_error: false },
    { errorCode: 'NO_ERROR' },
    { errcode: '0000' },
    { error_message: 'None' },
    { failed: 0 },
    { statusCode: 200 },
    { type: 'list' },
    { state: 'done' },
    { total: 404 },
  ])('reports none: %j', (body) => {
    expect(failureIn({ data: [], ...body })).toBeUndefined();
  });

  test('reports none by a field that is data, or in a list', () => {
    expect(failureIn({ status: 'failed', error: 'x' }, new Set(['status', 'error']))).toBeUndefined();
    expect(failureIn([{ success: false }])).toBeUndefined();
  });
});
