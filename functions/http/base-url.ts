import { ConfigError, DeclarationError } from '../errors.ts';
import type { ErrorContext } from '../ports.ts';
import type { Partition } from '../source/page.ts';
import type { AskedRequest } from '../source/paging.ts';

/**
 * Checks the URL of a vendor: an origin, optionally with a path prefix.
 * @param setting name of the setting or variable, which messages show
 * @returns the URL without a trailing slash
 * @throws ConfigError unless it is https, or http to loopback. The text is never quoted, because it may contain a credential
 */
export function checkBaseUrl(text: string, setting: string, context: ErrorContext): string {
  const url = URL.parse ? URL.parse(text) : safeUrl(text);
  if (!url)
    throw new ConfigError(`${setting} is not a URL; expected an origin such as https://api.example.com`, context);
  if (url.username || url.password)
    throw new ConfigError(
      `${setting} contains a user name or password; put credentials into their own variables`,
      context,
    );
  if (url.search || url.hash)
    throw new ConfigError(
      `${setting} contains a query or fragment; expected an origin, optionally with a path`,
      context,
    );
  const isLocal = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !isLocal) {
    throw new ConfigError(
      `${setting} is not https; plain http is allowed to loopback only, because health data would travel unencrypted`,
      context,
    );
  }
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}`;
}

/** `URL.parse` for Node 20. */
function safeUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

/** True for the address of this machine. @param host host name of a URL */
export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}

/** Address of a page: the path with the partition's parameters, and the query. It must never be shown. */
export function pageUrl(
  baseUrl: string,
  path: string,
  { params, query: own }: Partition,
  query: NonNullable<AskedRequest['query']>,
): string {
  const parameter = (name: string) => {
    if (params?.[name]) return params[name];
    throw new DeclarationError(
      `${path}: nothing fills {${name}}; expected a parameter of the partition, or a credential or option`,
    );
  };
  const filled = path.replace(/\{(\w+)\}/g, (_all, name: string) => encodeURIComponent(parameter(name)));
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries({ ...own, ...query }))
    for (const one of [value ?? []].flat()) search.append(name, String(one));
  const text = search.toString();
  return `${baseUrl}${filled}${text ? `?${text}` : ''}`;
}
