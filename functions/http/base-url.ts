import { ConfigError } from '../errors.ts';
import type { ErrorContext } from '../ports.ts';

/**
 * Checks an origin that may carry a path prefix.
 * @returns it without a trailing slash
 * @throws ConfigError unless it is https, or http to loopback; its text is never quoted, for it may hold a credential
 */
export function checkBaseUrl(text: string, setting: string, where: ErrorContext): string {
  const url = URL.parse ? URL.parse(text) : safeUrl(text);
  if (!url) throw new ConfigError(`${setting} is no URL; expected an origin such as https://api.example.com`, where);
  if (url.username || url.password)
    throw new ConfigError(`${setting} carries a user name; credentials go into their own variables`, where);
  if (url.search || url.hash)
    throw new ConfigError(`${setting} carries a query; expected an origin, optionally with a path`, where);
  const plain = url.protocol === 'http:' && isLoopback(url.hostname);
  if (url.protocol !== 'https:' && !plain) {
    throw new ConfigError(
      `${setting} is not https; plain http is for loopback only, since health data would travel unencrypted`,
      where,
    );
  }
  return `${url.origin}${url.pathname.replace(/(?<!\/)\/+$/, '')}`;
}

function safeUrl(text: string): URL | null {
  try {
    return new URL(text);
  } catch {
    return null;
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(host);
}
