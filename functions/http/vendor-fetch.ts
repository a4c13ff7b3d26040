import type { buildConnector, Dispatcher } from 'undici';
import type { Ports } from '../ports.ts';
import { type ProxySettings, readProxy } from './proxy-settings.ts';
import { openTunnel } from './proxy-tunnel.ts';

/** How connections to vendors are made. */
export interface VendorFetchOptions {
  /** Authorities to trust in place of those of this machine, in PEM. @default those of Node, and of `NODE_EXTRA_CA_CERTS` */
  readonly ca?: string;
}

/**
 * `fetch` for requests to vendors. It heeds `HTTPS_PROXY` and `NO_PROXY`, which Node's own `fetch` does not do before Node 24.
 * Without a proxy it is Node's own.
 * @throws ConfigError if `HTTPS_PROXY` is wrong
 */
export function vendorFetch(
  env: Readonly<Record<string, string | undefined>>,
  options: VendorFetchOptions = {},
): Ports['fetch'] {
  const proxy = readProxy(env);
  if (!proxy && options.ca === undefined) return fetch;
  let loading: ReturnType<typeof loadFetch> | undefined;
  return async (input, init) => {
    loading ??= loadFetch(proxy, options);
    return (await loading)(input, init);
  };
}

/** Loads undici only if it is needed: it takes a tenth of a second. */
async function loadFetch(proxy: ProxySettings | undefined, { ca }: VendorFetchOptions): Promise<Ports['fetch']> {
  const { default: undici } = await import('undici/lib/web/fetch/index.js');
  const { default: Agent } = await import('undici/lib/dispatcher/agent.js');
  const direct = new Agent(ca === undefined ? {} : { connect: { ca } });
  const tunneled = proxy && new Agent({ connect: throughProxy(proxy, ca) });
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input);
    const dispatcher: Dispatcher = tunneled && proxy.serves(url) ? tunneled : direct;
    const { body = null, method = 'GET', redirect = 'follow', signal = null } = init ?? {};
    if (body !== null && typeof body !== 'string') throw new TypeError('expected a body of text');
    const headers = Object.fromEntries(new Headers(init?.headers));
    return undici.fetch(url, { method, headers, body, redirect, signal, dispatcher });
  };
}

function throughProxy(proxy: ProxySettings, ca: string | undefined): buildConnector.connector {
  return ({ hostname, port }, callback) => {
    openTunnel(proxy, { hostname, port, ca }).then(
      (socket) => callback(null, socket),
      (error: Error) => callback(error, null),
    );
  };
}
