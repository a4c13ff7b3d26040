import { describe, expect, test } from 'vitest';
import { askOnce, expectSilence, first } from '../../helpers/ask-client.ts';

const HTML = '<!DOCTYPE html><title>Jane Doe</title>';
const JSON_BODY = '{"message":"Jane Doe"}';

interface Case {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

describe('a firewall that answers in place of the API', () => {
  test.each<Case & { readonly seen: string }>([
    { body: HTML, seen: 'an HTML page' },
    { body: `\ufeff \r\n${HTML}`, seen: 'an HTML page' },
    { body: HTML, headers: { 'content-type': 'application/json' }, seen: 'an HTML page' },
    { body: 'error code: 1020', seen: 'a body that is not JSON' },
    { body: '', headers: { server: 'cloudflare' }, seen: 'an empty body from a firewall' },
    { body: '', headers: { 'cf-ray': 'Jane Doe' }, seen: 'an empty body from a firewall' },
    { body: '', headers: { server: 'AkamaiGHost' }, seen: 'an empty body from a firewall' },
    { body: JSON_BODY, headers: { 'cf-mitigated': 'challenge' }, seen: 'header cf-mitigated' },
    { body: JSON_BODY, headers: { 'x-amzn-waf-action': 'captcha' }, seen: 'header x-amzn-waf' },
    { status: 405, body: HTML, headers: { 'x-amzn-waf-action': 'captcha' }, seen: 'header x-amzn-waf' },
    { status: 202, body: '', headers: { 'x-amzn-waf-action': 'challenge' }, seen: 'header x-amzn-waf' },
    { status: 503, body: HTML, headers: { 'cf-mitigated': 'challenge' }, seen: 'header cf-mitigated' },
  ])('is not called refused credentials: %j', async ({ seen, status = 403, ...answer }) => {
    const result = await askOnce(() => ({ status, ...answer }));
    expect(result.error).toMatchObject({
      name: 'SourceUnavailableError',
      exitCode: 3,
      message:
        `zudu.calls: GET /calls/{id} answered ${status} with ${seen}: a firewall refused the request before it reached the API; ` +
        'ask the vendor to allow the address of this machine (or of its proxy); the next run tries again',
    });
    expect(result.requests).toHaveLength(1);
    expectSilence(result);
  });

  test.each<Case>([
    { body: JSON_BODY },
    { body: '' },
    { body: '{ "error": "Jane Doe", }', headers: { 'content-type': 'text/html' } },
    { body: '\ufeff["Jane Doe"]' },
    { status: 401, body: HTML },
  ])('is not suspected if the API itself refuses the credentials: %j', async ({ status = 403, ...answer }) => {
    const result = await askOnce(() => ({ status, ...answer }));
    expect(result.error).toMatchObject({ name: 'CredentialsError', exitCode: 2 });
    expect(result.error?.message).not.toContain('firewall');
    expectSilence(result);
  });

  test('is suspected besides, if it passed on a refusal in JSON', async () => {
    const result = await askOnce(() => ({ status: 403, body: JSON_BODY, headers: { 'cf-ray': 'x' } }));
    expect(result.error).toMatchObject({
      name: 'CredentialsError',
      message: expect.stringMatching(/, or ask the vendor whether its firewall refuses this machine's address$/),
    });
    expectSilence(result);
  });

  test.each([{ 'cf-ray': 'x', server: 'cloudflare' }, { 'x-amzn-waf-action': 'count' }])(
    'does not spoil a good answer that it passed on: %j',
    async (headers) => {
      expect((await askOnce(() => ({ headers, body: '{"ok":true}' }))).value).toEqual({ ok: true });
    },
  );

  test('is not suspected if the API answers 200 with JSON that is cut', async () => {
    const { error } = await askOnce(() => ({ headers: { 'x-amzn-waf-action': 'count' }, body: '{"name":"Jane' }));
    expect(error).toMatchObject({ name: 'ContractError', exitCode: 4 });
  });

  test('does not turn a passing fault behind it into a lasting one', async () => {
    const result = await askOnce(first(2, { status: 503, headers: { 'cf-ray': 'x' }, body: HTML }));
    expect(result.value).toEqual({ ok: true });
  });
});
