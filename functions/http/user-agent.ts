/** Version of this program, as in package.json. A constant, because a Lambda's bundle contains no package.json. */
export const VERSION = '0.1.0';

/** `User-Agent` of every request to a vendor. Many firewalls refuse the default ones of libraries. */
export const USER_AGENT = `Callhouse/${VERSION}`;
