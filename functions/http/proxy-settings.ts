import { ConfigError } from '../errors.ts';
import { isLoopback } from './send.ts';

/** A proxy for https requests. */
export interface ProxySettings {
  /** Its address without user name and password. */
  readonly url: URL;
  /** Value of the header `Proxy-Authorization`, if there is a user name. */
  readonly authorization: string | undefined;
  /** True if this request goes through the proxy. */
  readonly serves: (request: URL) => boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;

const EXPECTED = 'expected an address such as http://proxy.example.com:8080';

/**
 * Reads `HTTPS_PROXY` and `NO_PROXY`, or the same names in lower case, which win as they do in curl.
 * @returns undefined if no proxy is set
 * @throws ConfigError that does not quote the address, because it may contain a password
 */
export function readProxy(env: Environment): ProxySettings | undefined {
  const text = (env['https_proxy'] ?? env['HTTPS_PROXY'] ?? '').trim();
  if (text === '') return undefined;
  const url = parseUrl(text.includes('://') ? text : `http://${text}`);
  if (!url) throw new ConfigError(`HTTPS_PROXY is not a URL; ${EXPECTED}`);
  if (url.protocol !== 'http:' && url.protocol !== 'https:')
    throw new ConfigError(`HTTPS_PROXY is not an http or https proxy; ${EXPECTED}`);
  const authorization = authorizationOf(url);
  url.username = '';
  url.password = '';
  const bypasses = readNoProxy(env['no_proxy'] ?? env['NO_PROXY'] ?? '');
  return {
    url,
    authorization,
    serves: (request) => request.protocol === 'https:' && !isLoopback(request.hostname) && !bypasses(request),
  };
}

function parseUrl(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

function authorizationOf({ username, password }: URL): string | undefined {
  if (username === '') return undefined;
  try {
    const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return `Basic ${Buffer.from(pair).toString('base64')}`;
  } catch {
    throw new ConfigError('HTTPS_PROXY has a user name or password with a wrong % escape; write % as %25');
  }
}

/**
 * Reads a list of hosts, separated by commas or white space: `*` for all, a name for itself and every name below it, each with an
 * optional port. A leading `.` or `*.` changes nothing.
 */
function readNoProxy(text: string): (request: URL) => boolean {
  const entries = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [, host = '', port] = /^(\[.*\]|[^:]*|.*:.*:.*?)(?::(\d+))?$/.exec(entry) ?? [];
      return { host: host.replace(/^\*?\./, ''), port };
    });
  return ({ hostname, port }) =>
    entries.some((entry) => {
      if (entry.port !== undefined && entry.port !== (port || '443')) return false;
      const host = hostname.replace(/^\[|\]$|\.$/g, '');
      const name = entry.host.replace(/^\[|\]$|\.$/g, '');
      return name === '*' || (name !== '' && (host === name || host.endsWith(`.${name}`)));
    });
}
