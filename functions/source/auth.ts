import type { Credentials } from '../ports.ts';

/** How requests prove who sends them. Each credential is named by its environment variable. */
export type Auth =
  | {
      readonly kind: 'headers';
      /** Variable of each header, or a text with variables between braces: `Token {ACME_TOKEN}`. */
      readonly headers: Readonly<Record<string, string>>;
    }
  | { readonly kind: 'bearer'; readonly token: string }
  | { readonly kind: 'basic'; readonly user: string; readonly password: string }
  | OAuth2;

/**
 * A token that the vendor gives out for the client's credentials. It is renewed before its end and when the vendor refuses it, and
 * is held in memory only.
 * @see {@link https://www.rfc-editor.org/rfc/rfc6749#section-4.4}
 */
export interface OAuth2 {
  readonly kind: 'oauth2';
  /**
   * Where tokens are requested: a path below the source's base URL, or an address of https, or of http to loopback. `{NAME}` in the path
   * is a credential, such as the tenant in `https://login.example/{ACME_TENANT}/oauth2/token`. If `<SOURCE>_BASE_URL` replaces the base URL,
   * an address on the same origin moves with it. Any other address stays, unless `<SOURCE>_TOKEN_URL` replaces it.
   */
  readonly tokenUrl: string;
  /** Path of the declared base URL, if tokens are requested on its origin and not below it. `defineSource` sets it. */
  readonly besides?: string;
  /** @default 'client_credentials' */
  readonly grant?: string;
  /** Variables of the client's id and secret. */
  readonly client: readonly [id: string, secret: string];
  /** Where the token request carries the client's id and secret. @default 'header' */
  readonly clientIn?: 'header' | 'body';
  /** Variables of further fields of the token request. */
  readonly fields?: Readonly<Record<string, string>>;
  /** Further fields of the token request that are no secret, such as `scope`. */
  readonly constants?: Readonly<Record<string, string>>;
}

/**
 * Credentials in headers of their own.
 * @param names the variable of each header, or a text with variables between braces
 * @example headers({ 'X-API-Key': 'ACME_KEY' })
 * @example headers({ Authorization: '{ACME_KEY}:{ACME_SECRET}' })
 */
export function headers(names: Readonly<Record<string, string>>): Auth {
  return { kind: 'headers', headers: names };
}

/** A token that the vendor gave out once. @param token its variable */
export function bearer(token: string): Auth {
  return { kind: 'bearer', token };
}

/** A user and a password. @param user its variable @param password its variable */
export function basic(user: string, password: string): Auth {
  return { kind: 'basic', user, password };
}

/** Tokens that are requested with the client's credentials. */
export function oauth2(options: Omit<OAuth2, 'kind' | 'besides'>): Auth {
  return { kind: 'oauth2', ...options };
}

/** The authorization with an address of tokens below the base URL, if both are on one origin. */
export function relativeToken(auth: Auth, baseUrl: string): Auth {
  const origin = /^\w+:\/\/[^/]+/.exec(baseUrl)?.[0];
  if (auth.kind !== 'oauth2' || origin === undefined) return auth;
  const { tokenUrl } = auth;
  if (tokenUrl.slice(0, origin.length).toLowerCase() !== origin.toLowerCase()) return auth;
  const path = tokenUrl.slice(origin.length);
  const prefix = baseUrl.slice(origin.length).replace(/(?<!\/)\/+$/, '');
  if (!path.startsWith('/')) return auth;
  if (path.startsWith(`${prefix}/`)) return { ...auth, tokenUrl: path.slice(prefix.length) };
  return { ...auth, tokenUrl: path, besides: prefix };
}

/** Variables that must be set for this authorization. */
export function credentialsOf(auth: Auth): readonly string[] {
  if (auth.kind === 'headers')
    return Object.values(auth.headers).flatMap((text) => (isTemplate(text) ? namesInPath(text) : [text]));
  if (auth.kind === 'bearer') return [auth.token];
  if (auth.kind === 'basic') return [auth.user, auth.password];
  if (auth.kind !== 'oauth2') return [];
  return [...auth.client, ...Object.values(auth.fields ?? {}), ...namesInPath(String(auth.tokenUrl))];
}

function isTemplate(text: unknown): boolean {
  return typeof text === 'string' && text.includes('{');
}

/** The value of a header. */
export function headerText(text: string, credentials: Credentials): string {
  if (!isTemplate(text)) return credentials[text] ?? '';
  return text.replace(/\{([^{}]*)\}/g, (_all, name: string) => credentials[name] ?? '');
}

/** Names between braces in a text. */
export function namesInPath(address: string): readonly string[] {
  return [...address.matchAll(/\{([^{}]*)\}/g)].map(([, name = '']) => name);
}
