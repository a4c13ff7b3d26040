import type { Answer } from './send.ts';
import type { AnswerHeaders } from './vendor-answer.ts';

/** Headers that a firewall sets only if it answers itself. A name that ends in `-` is a prefix. */
const OWN_HEADERS = ['cf-mitigated', 'x-amzn-waf-', 'x-sucuri-block'];
/** Headers that a firewall sets on every answer, those of the API included. */
const PASSING_HEADERS = ['cf-ray', 'x-sucuri-id', 'x-iinfo', 'x-amz-cf-id'];
const FIREWALLS = /cloudflare|akamai|sucuri|imperva|incapsula|awselb|cloudfront/i;

/**
 * Recognizes an answer of a firewall to a request that never reached the API. An API answers JSON. Behind Cloudflare, its own answers have
 * `cf-ray` too, so such a header decides only if the body does not.
 * @returns what was seen; undefined if the API itself may have answered
 */
export function describeBlock({ status, headers, body }: Answer): string | undefined {
  const start = body
    .subarray(0, 64)
    .toString('latin1')
    .replace(/^\xef\xbb\xbf/, '')
    .trimStart();
  const isJson = /^[{["]/.test(start);
  const isFine = status >= 200 && status < 300;
  const own = OWN_HEADERS.find((name) => hasHeader(headers, name));
  if (own && !(isFine && isJson)) return `header ${own.replace(/-$/, '')}`;
  if (status !== 403 || isJson) return undefined;
  if (start === '') return passesFirewall(headers) ? 'an empty body from a firewall' : undefined;
  return start.startsWith('<') ? 'an HTML page' : 'a body that is not JSON';
}

/** True if the answer came through a firewall, whoever wrote it. */
export function passesFirewall(headers: AnswerHeaders): boolean {
  return PASSING_HEADERS.some((name) => headers.has(name)) || FIREWALLS.test(headers.get('server') ?? '');
}

function hasHeader(headers: AnswerHeaders, name: string): boolean {
  return name.endsWith('-') ? [...headers.keys()].some((key) => key.startsWith(name)) : headers.has(name);
}
