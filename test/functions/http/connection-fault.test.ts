import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { describeFailure } from '../../../functions/http/connection-fault.ts';
import { vendorHttp } from '../../../functions/http/vendor-http.ts';
import { askOnce, expectSilence, first, OK } from '../../helpers/ask-client.ts';
import { selfSigned } from '../../helpers/certificate.ts';
import { type ScriptedAnswer, scriptedServer } from '../../helpers/scripted-server.ts';
import { tlsServer } from '../../helpers/tls-server.ts';

const EXTRA =
  "if a proxy inspects TLS here, set NODE_EXTRA_CA_CERTS to a file with that authority's certificate in the environment (.env is read too late)";

/** What one request to a server with this certificate came to. */
async function askOverTls(host: string, { isTrusted = true, until }: { isTrusted?: boolean; until?: Date } = {}) {
  const certificate = selfSigned({ host, ...(until && { until }) });
  const { port } = await tlsServer(certificate);
  const trusting = { fetch: vendorHttp({}, { ca: certificate.cert }) };
  return askOnce(() => OK, { origin: `https://localhost:${port}`, ...(isTrusted && trusting) });
}

describe('a connection with TLS', () => {
  test('is made if the authority is known', async () => {
    expect((await askOverTls('localhost')).value).toEqual({ ok: true });
  });

  test.each([
    {
      fault: 'an expired certificate',
      ask: () => askOverTls('localhost', { until: new Date('2021-01-01T00:00:00Z') }),
      says: "its certificate is out of date (CERT_HAS_EXPIRED); check this machine's clock; otherwise the vendor must renew the certificate",
    },
    {
      fault: 'an unknown authority',
      ask: () => askOverTls('localhost', { isTrusted: false }),
      says: `an authority that this machine does not know signed its certificate (DEPTH_ZERO_SELF_SIGNED_CERT); check ZUDU_BASE_URL; ${EXTRA}`,
    },
    {
      fault: 'a certificate of another host',
      ask: () => askOverTls('else.example'),
      says: 'its certificate belongs to another host name (ERR_TLS_CERT_ALTNAME_INVALID); check ZUDU_BASE_URL and the network',
    },
    {
      fault: 'a server without TLS',
      ask: async () => askOnce(() => OK, { origin: (await scriptedServer(() => OK)).url.replace('http:', 'https:') }),
      says: expect.stringMatching(
        /^no encrypted connection \(TLS\) could be made \((ERR_SSL_\w+|EPROTO)\); check the host and port in ZUDU_BASE_URL, and the network$/,
      ),
    },
  ])('that fails because of $fault is explained and not tried again', async ({ ask, says }) => {
    const result = await ask();
    const said = /got no answer: (.*); the next run continues$/.exec(result.error?.message ?? '')?.[1];
    expect(said).toEqual(says);
    expect(result.error).toMatchObject({ name: 'SourceUnavailableError', exitCode: 3 });
    expect(result.client.requests()).toBe(1);
    expect(result.error?.message).not.toMatch(/localhost|else\.example/);
    expectSilence(result);
  });
});

test('NODE_TLS_REJECT_UNAUTHORIZED=0 does not make an unknown authority a known one', async () => {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
  onTestFinished(() => void vi.unstubAllEnvs());
  const { error, client } = await askOverTls('localhost', { isTrusted: false });
  expect(error?.message).toContain('an authority that this machine does not know signed its certificate');
  expect(client.requests()).toBe(1);
});

test('a server that wants a certificate of the client is never said to have a wrong one', async () => {
  const certificate = selfSigned({ host: 'localhost' });
  const { port, requests } = await tlsServer(certificate, {}, { requestCert: true, rejectUnauthorized: true });
  const trusting = { fetch: vendorHttp({}, { ca: certificate.cert }) };
  const result = await askOnce(() => OK, { origin: `https://localhost:${port}`, ...trusting });
  expect(requests).toEqual([]);
  // Some connections are closed before the reason has come.
  expect(result.error?.message).toMatch(
    /got no answer: (its host wants a certificate of the client, and Callhouse has none \(ERR_SSL_\w+\)|the connection was closed)/,
  );
});

test('the reason why a handshake fails is named, before anything is sent', async () => {
  const certificate = selfSigned({ host: 'localhost' });
  const { port } = await tlsServer(certificate, {}, { requestCert: true, maxVersion: 'TLSv1.2' });
  const trusting = { fetch: vendorHttp({}, { ca: certificate.cert }) };
  const result = await askOnce(() => OK, { origin: `https://localhost:${port}`, ...trusting });
  expect(result.error?.message).toMatch(/\(ERR_SSL_[\w/]+_ALERT_HANDSHAKE_FAILURE\)/);
});

test('a host name without an address is explained', async () => {
  const result = await askOnce(() => OK, { origin: 'https://patient-77.invalid' });
  expect(result.error?.message).toMatch(
    /^zudu\.calls: GET \/calls\/\{id\} got no answer: its host name has no known address \(DNS\) \((ENOTFOUND|EAI_AGAIN)\); check the network and ZUDU_BASE_URL; the next run continues$/,
  );
  expectSilence(result);
});

test.each([
  ['ENETUNREACH', 'its host cannot be reached from this network'],
  ['ETIMEDOUT', 'its host did not answer the connection in time'],
  ['CERT_NOT_YET_VALID', 'its certificate is out of date'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'an authority that this machine does not know signed its certificate'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'an authority that this machine does not know signed its certificate'],
  ['CERT_REVOKED', 'its certificate is not valid'],
  ['ERR_SSL_TLSV13_ALERT_CERTIFICATE_REQUIRED', 'its host wants a certificate of the client, and Callhouse has none'],
  ['ERR_SSL_SSL/TLS_ALERT_BAD_CERTIFICATE', 'its host wants a certificate of the client, and Callhouse has none'],
  ['ERR_SSL_SSLV3_ALERT_BAD_CERTIFICATE', 'its host wants a certificate of the client, and Callhouse has none'],
  ['PROXY_SELF_SIGNED_CERT_IN_CHAIN', 'no encrypted connection (TLS) to the proxy could be made'],
  ['PROXY_ENOTFOUND', 'the proxy could not be reached'],
])('%s is explained', (code, says) => {
  const text = describeFailure(code, 'KALEM_BASE_URL');
  expect(text.startsWith(`got no answer: ${says} (${code}); `)).toBe(true);
});

const JSON_TYPE = { 'content-type': 'application/json' };
const TEXT = '{"ok":true}';
const CLOSED = 'no answer: the connection was closed before the answer was complete';
const DAMAGED = 'a damaged answer: it cannot be decompressed';
const wrongSum = Buffer.from(gzipSync(TEXT));
wrongSum[wrongSum.length - 6] = (wrongSum[wrongSum.length - 6] ?? 0) ^ 1;
const raw = (head: string, body: string) => (response: ServerResponse) =>
  void response.socket?.end(`HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n${head}\r\n\r\n${body}`);

describe('an answer', () => {
  test.each<[what: string, answer: ScriptedAnswer, says: string]>([
    [
      'that is not compressed as it says',
      { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: TEXT },
      DAMAGED,
    ],
    ['that is not brotli as it says', { headers: { ...JSON_TYPE, 'content-encoding': 'br' }, body: TEXT }, DAMAGED],
    ['with a wrong checksum', { headers: { ...JSON_TYPE, 'content-encoding': 'gzip' }, body: wrongSum }, DAMAGED],
    ['that is shorter than it says', raw('Content-Length: 99', TEXT), CLOSED],
    ['of which the last chunk is missing', raw('Transfer-Encoding: chunked', `b\r\n${TEXT}\r\n`), CLOSED],
    ['with two lengths', raw('Content-Length: 5\r\nContent-Length: 11', TEXT), 'a damaged answer: its head'],
  ])('%s is told as what it is, and requested again', async (_what, answer, says) => {
    const result = await askOnce(() => answer);
    expect(result.error?.message).toContain(`zudu.calls: GET /calls/{id} got ${says}`);
    expect(result.error).toMatchObject({ exitCode: 3 });
    expect(result.client.requests()).toBe(8);
    expectSilence(result);
    expect((await askOnce(first(1, answer))).value).toEqual({ ok: true });
  });
});

test('a failure without an explanation is named', () => {
  expect(describeFailure('no answer within 15 s', 'KALEM_BASE_URL')).toBe(
    "got no answer (no answer within 15 s); check the network and the vendor's status; the next run continues",
  );
});
