import { isJsonObject } from '../../schemas/json-text.ts';
import { ContractError, CredentialsError } from '../errors.ts';
import type { Credentials, ErrorContext } from '../ports.ts';
import type { OAuth2 } from '../source/auth.ts';
import { MINUTE_MS } from '../time.ts';
import type { AuthHeaders, Authorization } from './authorization.ts';
import { failureIn } from './judge-answer.ts';
import { checkBaseUrl, type HttpRequest } from './send.ts';

/** What a token is requested with. */
export interface TokenOptions {
  readonly auth: OAuth2;
  /** Address of the vendor's API, without a trailing slash. */
  readonly baseUrl: string;
  /** Address of tokens in place of the declared one. */
  readonly tokenUrl?: string | undefined;
  /** Reads the credentials afresh at each call. */
  readonly readCredentials: () => Promise<Credentials>;
  readonly now: () => number;
  /** Sends one request for a token, paced and retried like any other. */
  readonly send: (
    request: HttpRequest,
    auth: AuthHeaders,
    context: ErrorContext,
    read: (json: unknown) => Token,
  ) => Promise<Token>;
}

/** A token, and the time from which a new one is requested. */
interface Token {
  readonly headers: AuthHeaders;
  readonly renewAt: number;
}

/**
 * Gives requests a bearer token. All requests share one. A refused token is replaced if the vendor accepted it before; a new token
 * that is refused at once says that the next one would be too.
 */
export function oauth2Token(options: TokenOptions): Authorization {
  let asked: Promise<Token> | undefined;
  let current: Token | undefined;
  let accepted: AuthHeaders | undefined;
  const forget = () => {
    asked = undefined;
    current = undefined;
  };
  return {
    async headers(context) {
      if (current && options.now() >= current.renewAt) forget();
      asked ??= requestToken(options, context);
      const mine = asked;
      try {
        const token = await mine;
        if (asked === mine) current = token;
        return token.headers;
      } catch (error) {
        if (asked === mine) forget();
        throw error;
      }
    },
    accepted(used) {
      accepted = used;
    },
    renew(refused) {
      if (current?.headers !== refused) return true;
      if (accepted !== refused) return false;
      forget();
      return true;
    },
  };
}

async function requestToken(options: TokenOptions, context: ErrorContext): Promise<Token> {
  const { auth, readCredentials, now, send } = options;
  const credentials = await readCredentials();
  const { path, url } = tokenAddress(auth, { ...options, credentials }, context);
  const [id = '', secret = ''] = auth.client.map((name) => credentials[name] ?? '');
  const inBody = auth.clientIn === 'body';
  const form = new URLSearchParams({ grant_type: auth.grant ?? 'client_credentials', ...auth.constants });
  for (const [field, name] of Object.entries(auth.fields ?? {})) form.set(field, credentials[name] ?? '');
  if (inBody) form.set('client_id', id);
  if (inBody) form.set('client_secret', secret);
  const request = { method: 'POST', path, url, body: form.toString(), contentType: FORM } as const;
  const client = inBody ? {} : { authorization: `Basic ${base64(`${formText(id)}:${formText(secret)}`)}` };
  const askedAt = now();
  return send(request, client, context, (json) => readToken(json, askedAt));
}

const FORM = 'application/x-www-form-urlencoded';

/** What an address of tokens depends on. */
interface TokenPlace extends Pick<TokenOptions, 'baseUrl' | 'tokenUrl'> {
  readonly credentials: Credentials;
}

/**
 * The address, and what messages show of it: its path as declared, or the variable that replaces it.
 * @throws CredentialsError if a credential in it would change the path
 */
function tokenAddress(auth: OAuth2, { baseUrl, tokenUrl, credentials }: TokenPlace, context: ErrorContext) {
  const declared = tokenUrl ?? auth.tokenUrl;
  const filled = declared.replace(/\{([^{}]*)\}/g, (_all, name: string) => {
    const value = credentials[name] ?? '';
    if (!/^\.{0,2}$/.test(value.trim())) return encodeURIComponent(value);
    throw new CredentialsError(
      `${name} is empty or dots, and is part of the address of tokens; expected an id`,
      context,
    );
  });
  const setting = `${context.source?.toUpperCase()}_TOKEN_URL`;
  if (tokenUrl !== undefined) return { path: setting, url: checkBaseUrl(filled, setting, context) };
  if (!declared.startsWith('/'))
    return { path: declared.replace(/^\w+:\/\/[^/]*/, ''), url: checkBaseUrl(filled, 'tokenUrl', context) };
  const { besides = '' } = auth;
  const above = baseUrl.endsWith(besides) ? baseUrl.slice(0, baseUrl.length - besides.length) : baseUrl;
  return { path: declared, url: `${above}${filled}` };
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

/** A client's id and secret are encoded as in a form before they are joined (RFC 6749, section 2.3.1). */
function formText(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}

/** A token is renewed this long before its end, or a tenth of its time if that is shorter. */
const EARLY_MS = MINUTE_MS;
const EARLY_SHARE = 0.1;

/** Some servers refuse a client with status 200, and with a code of RFC 6749, section 5.2, or one of their own. */
const REFUSES_CLIENT = /^[\w.-]*(?:client|grant|credential|secret|unauthori[sz]ed|denied)[\w.-]*$/i;

/** @throws ContractError that names the wrong field, never its value; CredentialsError if the answer refuses the client */
function readToken(json: unknown, askedAt: number): Token {
  const given = isJsonObject(json) ? json : {};
  const { access_token: token, token_type, expires_in: seconds } = given;
  const type = token_type ?? 'bearer';
  const failure = token === undefined || token === null ? failureIn(given) : undefined;
  if (failure !== undefined && Object.values(given).some((value) => REFUSES_CLIENT.test(String(value))))
    throw new CredentialsError('the client was refused');
  if (failure !== undefined)
    throw new ContractError(`the answer reports a failure in ${failure}; expected a token in access_token`);
  if (typeof token !== 'string' || !/^[\x21-\x7e]+$/.test(token))
    throw new ContractError('the answer has no token; expected a text in access_token');
  if (typeof type !== 'string' || type.toLowerCase() !== 'bearer')
    throw new ContractError('the answer has a token of another type in token_type; expected bearer');
  const lifetimeMs = Number(seconds) * 1000;
  const renewAt =
    lifetimeMs > 0 ? askedAt + lifetimeMs - Math.min(EARLY_MS, lifetimeMs * EARLY_SHARE) : Number.POSITIVE_INFINITY;
  return { headers: { authorization: `Bearer ${token}` }, renewAt };
}
