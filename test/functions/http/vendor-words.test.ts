import { describe, expect, test } from 'vitest';
import { vendorWords } from '../../../functions/http/vendor-words.ts';
import { askOnce, expectSilence } from '../../helpers/ask-client.ts';
import { expectLinear } from '../../helpers/expect-linear.ts';

const REQUEST = { method: 'GET', path: '/calls', url: 'https://nova.example/calls?cust_ref=Jane&limit=50' } as const;
const POST = {
  method: 'POST',
  path: '/calls',
  url: 'https://nova.example/calls',
  body: '{"filter":{"sort_by2":"Jane"}}',
} as const;

function said(answer: unknown, request: Parameters<typeof vendorWords>[0] = REQUEST): string {
  const body = Buffer.from(typeof answer === 'string' ? answer : JSON.stringify(answer));
  return vendorWords(request, { status: 400, body });
}

describe('of why a vendor refused, a message shows', () => {
  test.each([
    ['the code of Twilio', { code: 20001, message: 'Jane', more_info: 'https://x', status: 400 }, '20001'],
    [
      'the fields of Laravel',
      { message: 'Jane', errors: { date_from: ['Jane'], 'to_number.0': ['x'] } },
      'date_from, to_number',
    ],
    [
      'those of FastAPI',
      { detail: [{ loc: ['query', 'limit'], msg: 'Jane', type: 'int_parsing' }] },
      'int_parsing, query, limit',
    ],
    ['the status of Google', { error: { code: 400, message: 'Jane', status: 'INVALID_ARGUMENT' } }, 'INVALID_ARGUMENT'],
    ['the code of OAuth', { error: 'invalid_grant', error_description: 'Jane' }, 'invalid_grant'],
    [
      'codes in camel case',
      { errorCode: 'InvalidParameter', errors: [{ errorCode: 'MissingParameter', parameterName: 'Jane' }] },
      'InvalidParameter, MissingParameter',
    ],
    [
      'a problem of RFC 9457',
      { type: 'invalid-parameter', title: 'Jane', 'invalid-params': [{ name: 'Jane', reason: 'must-not-exist' }] },
      'invalid-parameter, must-not-exist',
    ],
    ['a parameter that was requested', { param: 'cust_ref' }, 'cust_ref'],
    [
      'the violations of Google',
      { error: { details: [{ fieldViolations: [{ field: 'page_size', description: 'Jane' }] }] } },
      'page_size',
    ],
    ['a pointer to one', { errors: [{ source: { pointer: '/data/limit' } }] }, 'limit'],
  ])('%s', (_says, answer, words) => {
    expect(said(answer)).toBe(` (the vendor names ${words})`);
  });

  test('a parameter of the body of a request', () => {
    expect(said({ field: 'filter.sort_by2' }, POST)).toBe(' (the vendor names sort_by2)');
    expect(said({ field: 'filter.sort_by2' })).toBe('');
  });

  test('five words at most, each once', () => {
    const errors = Array.from({ length: 9 }, (_, n) => ({ code: 20_000 + (n >> 1) }));
    expect(said({ errors })).toBe(' (the vendor names 20000, 20001, 20002, 20003, 20004)');
  });
});

describe('a message never shows', () => {
  const canaries = [
    'Jane',
    'jane-doe',
    'Long',
    'grant.page',
    'Max_Day',
    'patient-77',
    'sk_live_51H',
    '+15551234567',
    '5551234567',
    '1234567',
    'invalid: Jane',
  ];
  test.each(canaries)('%j, wherever an answer has it', (canary) => {
    const everywhere = [
      'code',
      'error',
      'error_code',
      'type',
      'reason',
      'status',
      'name',
      'message',
      'detail',
      'title',
    ];
    const answer = { ...Object.fromEntries(everywhere.map((name) => [name, canary])), [canary]: canary };
    expect(said(answer)).toBe('');
    expect(said({ error: answer })).toBe('');
    const named = { param: canary, field: canary, path: [canary], loc: [canary], errors: { [canary]: [canary] } };
    expect(said(named)).not.toContain(canary);
  });

  test.each([
    ['free text', 'Jane'],
    ['HTML', '<p>invalid_request</p>'],
    ['nothing', ''],
    ['null', 'null'],
    ['a long page', `{"a":"${'x'.repeat(70_000)}","code":"invalid_request"}`],
  ])('a part of %s', (_says, body) => {
    expect(said(body)).toBe('');
  });

  test('a part of a record, wherever an answer with records has it', () => {
    const record = { code: 4711, type: 'missing', status: 'failed', field: 'limit', errors: { limit: [] } };
    for (const name of ['data', 'calls', 'items', 'results', 'record', 'Jane'])
      expect(said({ [name]: [record] })).toBe('');
    expect(said({ errors: [{ record }] })).toBe('');
  });

  test('hangs on the largest answer of its worst form', () => {
    expectLinear((length) => said(`{"code":${JSON.stringify('a_'.repeat(length >> 1))}}`));
  });
});

test('a refused request names its code and parameter, and nothing else of the answer', async () => {
  const body = '{"error":{"code":"invalid_parameter","param":"phone","message":"Jane Doe, 15551234567"}}';
  const result = await askOnce(() => ({ status: 400, body }));
  expect(result.error?.message).toBe(
    'zudu.calls: GET /calls/{id} answered 400 (the vendor names invalid_parameter, phone); expected 2xx',
  );
  expectSilence(result);
});
