/** What an error of the AWS SDK tells. */
export interface Fault {
  readonly code: string;
  /** 0 where there was no answer. */
  readonly status: number;
  readonly attempts: number;
  /** AWS's own words: never shown, for they may hold keys, roles and statements. */
  readonly message: string;
}

const CREDENTIAL_CODES = new Set([
  'CredentialsProviderError',
  'ExpiredToken',
  'ExpiredTokenException',
  'InvalidAccessKeyId',
  'InvalidClientTokenId',
  'InvalidSignatureException',
  'SignatureDoesNotMatch',
  'UnrecognizedClientException',
  'TokenProviderError',
]);

/** Reads an error of the SDK, or of the connection below it; undefined for a bug. */
export function faultOf(error: unknown): Fault | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const { $metadata: metadata, code } = error as { $metadata?: Metadata; code?: unknown };
  const { httpStatusCode: status = 0, attempts = 1 } = metadata ?? {};
  if (metadata?.httpStatusCode !== undefined) return { code: codeOf(name, status), status, attempts, message };
  if (typeof code === 'string' || name === 'TimeoutError')
    return { code: String(code ?? name), status, attempts, message };
  return CREDENTIAL_CODES.has(name) ? { code: name, status, attempts, message } : undefined;
}

/** AWS does not know who asks, or no longer. */
export function isCredentialFault({ code }: Fault): boolean {
  return CREDENTIAL_CODES.has(code);
}

/** AWS asks to wait. */
export function isThrottled({ code, status }: Fault): boolean {
  return status === 429 || /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|LimitExceeded/.test(code);
}

/** One line for a fault without a remedy of its own. */
export function describeFault({ status }: Fault): string {
  if (status === 0) return 'AWS cannot be reached; check the network and AWS_REGION';
  return status >= 500 ? `AWS answered ${status}, five times; the next run goes on` : `AWS answered ${status}`;
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly attempts?: number;
}

/** An answer without a body that names it (HEAD, a gateway) has only its status. */
function codeOf(name: string, status: number): string {
  return name === 'Error' || name === 'UnknownError' || /^\d+$/.test(name) ? `HTTP ${status}` : name;
}
