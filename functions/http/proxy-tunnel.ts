import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, isIPv6, type Socket } from 'node:net';
import { type ConnectionOptions, connect, type TLSSocket } from 'node:tls';
import type { ProxySettings } from './proxy-settings.ts';

/** The end of the tunnel. */
export interface TunnelTarget {
  /** Without the brackets of an IPv6 address. */
  readonly host: string;
  readonly port: number;
  /** How the vendor and the proxy are verified. */
  readonly tls: Pick<ConnectionOptions, 'ca' | 'rejectUnauthorized'>;
}

/**
 * Most time for the proxy to open a connection, and the same for the TLS handshake with the vendor, ms. Nobody else ends the attempt,
 * because a pool of connections does not know one that is not made yet.
 */
const CONNECT_MS = 10_000;

/** A proxy did not open a connection. The message is never shown; the code is. */
class ProxyError extends Error {
  /** `PROXY_` and the status that the proxy answered, or the code of the failure to reach it. */
  readonly code: string;

  constructor(reason: number | string) {
    super('no connection through the proxy');
    this.code = `PROXY_${reason}`;
  }
}

/**
 * Opens an encrypted connection to a vendor through a proxy. The proxy sees the vendor's host and no more.
 * @see {@link https://www.rfc-editor.org/rfc/rfc9110#section-9.3.6}
 * @throws an error with a code: `PROXY_…` if the proxy is the cause, else one of TLS
 */
export async function openTunnel(proxy: ProxySettings, { host, port, tls }: TunnelTarget): Promise<TLSSocket> {
  const socket = await askProxy(proxy, `${isIPv6(host) ? `[${host}]` : host}:${port}`, tls);
  return new Promise((resolve, reject) => {
    const secure = connect({
      socket,
      host,
      ALPNProtocols: ['http/1.1'],
      ...tls,
      ...(isIP(host) === 0 && { servername: host }),
    });
    const fail = (error: Error) => {
      clearTimeout(late);
      secure.destroy();
      reject(error);
    };
    const late = setTimeout(() => fail(Object.assign(new Error('no handshake'), { code: 'ETIMEDOUT' })), CONNECT_MS);
    secure.once('error', fail);
    secure.once('secureConnect', () => {
      clearTimeout(late);
      secure.off('error', fail);
      resolve(secure);
    });
  });
}

function askProxy(proxy: ProxySettings, authority: string, tls: TunnelTarget['tls']): Promise<Socket> {
  const { url, authorization } = proxy;
  const send = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve, reject) => {
    const asking = send({
      method: 'CONNECT',
      host: url.hostname.replace(/^\[|\]$/g, ''),
      port: url.port || (url.protocol === 'https:' ? 443 : 80),
      path: authority,
      headers: { host: authority, ...(authorization !== undefined && { 'proxy-authorization': authorization }) },
      agent: false,
      ...tls,
    });
    const late = setTimeout(() => asking.destroy(new ProxyError('ETIMEDOUT')), CONNECT_MS);
    asking.once('close', () => clearTimeout(late));
    asking.once('connect', ({ statusCode = 0 }, socket: Socket) => {
      clearTimeout(late);
      if (statusCode >= 200 && statusCode < 300) return resolve(socket);
      socket.destroy();
      reject(new ProxyError(statusCode));
    });
    // A proxy that answers as a web server does.
    asking.once('response', ({ statusCode = 0 }) => {
      asking.destroy();
      reject(new ProxyError(statusCode));
    });
    asking.once('error', (error) => reject(error instanceof ProxyError ? error : new ProxyError(codeOf(error))));
    asking.end();
  });
}

function codeOf(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : 'FAILED';
}
