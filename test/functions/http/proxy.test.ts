import type { Socket } from 'node:net';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { readProxy } from '../../../functions/http/proxy-settings.ts';
import { openTunnel } from '../../../functions/http/proxy-tunnel.ts';
import { vendorHttp } from '../../../functions/http/vendor-http.ts';
import { oauth2 } from '../../../functions/source/auth.ts';
import { askOnce, expectSilence, OK, SECRET } from '../../helpers/ask-client.ts';
import { selfSigned } from '../../helpers/certificate.ts';
import { connectProxy } from '../../helpers/connect-proxy.ts';
import { tlsServer } from '../../helpers/tls-server.ts';

const HOST = 'api.vendor.example';
const PASSWORD = 'pr0xy-pass%40word';
const CERTIFICATE = selfSigned({ host: HOST });

/** A vendor behind a proxy, and what one request through it came to. */
async function askThroughProxy({
  refuse,
  noProxy = '',
  ca = CERTIFICATE.cert,
}: {
  readonly refuse?: (socket: Socket) => boolean;
  readonly noProxy?: string;
  readonly ca?: string;
} = {}) {
  const vendor = await tlsServer(CERTIFICATE);
  const proxy = await connectProxy({ port: vendor.port, ...(refuse && { refuse }) });
  const address = proxy.url.replace('http://', `http://clinic:${PASSWORD}@`);
  const result = await askOnce(() => OK, {
    fetch: vendorHttp({ HTTPS_PROXY: address, NO_PROXY: noProxy }, { ca }),
    origin: `https://${HOST}:8443`,
  });
  const said = `${result.error?.message} ${JSON.stringify(result.ports.lines)}`;
  for (const text of ['pr0xy', 'clinic', HOST, '8443']) expect(said).not.toContain(text);
  expectSilence(result);
  return { ...result, vendor, proxy };
}

const answering = (text: string) => (socket: Socket) => {
  socket.end(text);
  return true;
};

describe('HTTPS_PROXY', () => {
  test('carries a request to the vendor through one encrypted tunnel', async () => {
    const { value, once, vendor, proxy } = await askThroughProxy();
    expect(value).toEqual({ ok: true });
    await once();
    expect(proxy.tunnels.map(({ authority }) => authority)).toEqual([`${HOST}:8443`]);
    expect(proxy.tunnels[0]?.headers).toEqual({
      host: `${HOST}:8443`,
      connection: expect.any(String),
      'proxy-authorization': `Basic ${Buffer.from('clinic:pr0xy-pass@word').toString('base64')}`,
    });
    expect(vendor.requests).toHaveLength(2);
    expect(vendor.requests[0]?.headers).toMatchObject({ host: `${HOST}:8443`, 'x-api-key': SECRET });
    expect(vendor.requests[0]?.headers['proxy-authorization']).toBeUndefined();
  });

  test('carries requests for tokens too', async () => {
    const vendor = await tlsServer(CERTIFICATE, { access_token: 't1', token_type: 'bearer' });
    const proxy = await connectProxy({ port: vendor.port });
    const { value } = await askOnce(() => OK, {
      fetch: vendorHttp({ HTTPS_PROXY: proxy.url }, { ca: CERTIFICATE.cert }),
      origin: `https://${HOST}:8443`,
      auth: oauth2({ tokenUrl: `https://login.${HOST}/token`, client: ['ID', 'SECRET'] }),
      readCredentials: async () => ({ ID: 'id', SECRET }),
      tokenUrl: `https://${HOST}:9443/token`,
    });
    expect(value).toBeDefined();
    expect(proxy.tunnels.map(({ authority }) => authority)).toEqual([`${HOST}:9443`, `${HOST}:8443`]);
    expect(vendor.requests.map(({ url, headers }) => [url.split('?')[0], headers.authorization])).toEqual([
      ['/token', expect.stringMatching(/^Basic /)],
      ['/calls/patient-77', 'Bearer t1'],
    ]);
  });

  test('is never asked for an address of this machine', async () => {
    const proxy = await connectProxy({ port: 1 });
    const { value } = await askOnce(() => OK, { fetch: vendorHttp({ HTTPS_PROXY: proxy.url }) });
    expect(value).toEqual({ ok: true });
    expect([proxy.tunnels, proxy.others]).toEqual([[], []]);
  });

  test('is not asked for a host that NO_PROXY lists', async () => {
    const { error, proxy } = await askThroughProxy({ noProxy: 'other.example, vendor.example' });
    expect(error?.message).toContain('its host name has no known address (DNS)');
    expect(proxy.tunnels).toEqual([]);
  });

  test.each([
    {
      answers: '407 Proxy Authentication Required',
      says: 'the proxy refused its user name or password (PROXY_407); check HTTPS_PROXY',
      requests: 1,
    },
    {
      answers: '403 Forbidden by Jane Doe',
      says: "the proxy did not open a connection to the vendor (PROXY_403); check ZUDU_BASE_URL, and ask the owner of the proxy to allow the vendor's host",
      requests: 1,
    },
    {
      answers: '502 Bad Gateway',
      says: "the proxy did not open a connection to the vendor (PROXY_502); check ZUDU_BASE_URL, and ask the owner of the proxy to allow the vendor's host",
      requests: 8,
    },
  ])('that answers $answers is named as the cause', async ({ answers, says, requests }) => {
    const { error, client } = await askThroughProxy({ refuse: answering(`HTTP/1.1 ${answers}\r\n\r\n`) });
    expect(error).toMatchObject({
      exitCode: 3,
      message: `zudu.calls: GET /calls/{id} got no answer: ${says}; the next run continues`,
    });
    expect(client.requests()).toBe(requests);
  });

  test.each([
    ['closes the connection', (socket: Socket) => void socket.destroy(), 'ECONNRESET'],
    ['does not speak HTTP', (socket: Socket) => void socket.end('hello\r\n\r\n'), 'HPE_INVALID_CONSTANT'],
  ])('that %s is named as the cause, and asked once per try', async (_what, act, code) => {
    const { error, proxy } = await askThroughProxy({
      refuse: (socket) => {
        act(socket);
        return true;
      },
    });
    expect(error?.message).toContain(`the proxy could not be reached (PROXY_${code}); check HTTPS_PROXY`);
    expect(proxy.tunnels).toHaveLength(8);
  });

  test.each([
    ['answers', 'PROXY_ETIMEDOUT', [Buffer.from('HTTP/1.1 200 OK\r\nx: ')]],
    [
      'opens a tunnel to a vendor that shakes hands',
      'ETIMEDOUT',
      // The head of a TLS record of 16 KiB.
      [Buffer.from('HTTP/1.1 200 OK\r\n\r\n'), Buffer.from([0x16, 3, 3, 0x40, 0])],
    ],
  ])('that %s byte by byte is left after 10 s', async (_what, code, begin) => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    onTestFinished(() => void vi.useRealTimers());
    const ends: string[] = [];
    const proxy = await connectProxy({
      port: 1,
      refuse: (socket) => {
        const parts = [...begin];
        const drip = setInterval(() => socket.write(parts.shift() ?? '.'), 100);
        for (const end of ['end', 'error', 'close'])
          socket.on(end, () => {
            clearInterval(drip);
            ends.push('closed');
          });
        socket.resume();
        return true;
      },
    });
    const settings = readProxy({ HTTPS_PROXY: proxy.url });
    if (!settings) throw new Error('no proxy');
    const opening = openTunnel(settings, { host: HOST, port: 443, tls: {} });
    const failed = expect(opening).rejects.toMatchObject({ code });
    // Some bytes come first, so that the tunnel has come to its end of the handshake.
    await new Promise<void>((resolve) => {
      const waiting = setInterval(() => {
        if (proxy.tunnels.length === 0) return;
        clearInterval(waiting);
        resolve();
      }, 500);
    });
    await vi.advanceTimersByTimeAsync(10_000);
    await failed;
    vi.useRealTimers();
    await vi.waitFor(() => expect(ends).toContain('closed'));
  });

  test('that nobody answers at is named as the cause', async () => {
    const result = await askOnce(() => OK, {
      fetch: vendorHttp({ https_proxy: 'clinic:pw@127.0.0.1:1' }),
      origin: `https://${HOST}`,
    });
    expect(result.error).toMatchObject({
      exitCode: 3,
      message:
        'zudu.calls: GET /calls/{id} got no answer: the proxy could not be reached (PROXY_ECONNREFUSED); check HTTPS_PROXY and ' +
        'the network; NO_PROXY lists hosts that need no proxy; the next run continues',
    });
    expect(result.client.requests()).toBe(5);
    expectSilence(result);
  });

  test('does not hide a certificate that nobody knows', async () => {
    // Nor does a variable that tells Node to trust everyone.
    vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
    onTestFinished(() => void vi.unstubAllEnvs());
    const { error, vendor } = await askThroughProxy({ ca: selfSigned({ host: 'else.example' }).cert });
    expect(error?.message).toContain('an authority that this machine does not know signed its certificate');
    expect(vendor.requests).toEqual([]);
  });

  test('does not hide a certificate of another host', async () => {
    const other = selfSigned({ host: 'else.example' });
    const vendor = await tlsServer(other);
    const proxy = await connectProxy({ port: vendor.port });
    const { error } = await askOnce(() => OK, {
      fetch: vendorHttp({ HTTPS_PROXY: proxy.url }, { ca: other.cert }),
      origin: `https://${HOST}`,
    });
    expect(error?.message).toContain('its certificate belongs to another host name (ERR_TLS_CERT_ALTNAME_INVALID)');
  });
});
