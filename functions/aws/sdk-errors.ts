/** The facts of an AWS SDK error. */
export interface SdkFault {
  /** AWS's error code, or that of the system (`ECONNREFUSED`). */
  readonly code: string;
  /** HTTP status; 0 if there was no answer. */
  readonly status: number;
  /** How often the SDK sent the request. */
  readonly attempts: number;
  /** AWS's own message. It must not be shown: it may contain object keys, roles and statements. */
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

/** Reads an error of the SDK or of its connection. @returns undefined if it is neither, which means a bug */
export function faultOf(error: unknown): SdkFault | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  const { $metadata: metadata, code } = error as { $metadata?: Metadata; code?: unknown };
  const { httpStatusCode: status = 0, attempts = 1 } = metadata ?? {};
  if (metadata?.httpStatusCode !== undefined) return { code: codeOf(name, status), status, attempts, message };
  if (typeof code === 'string' || name === 'TimeoutError')
    return { code: String(code ?? name), status, attempts, message };
  return CREDENTIAL_CODES.has(name) ? { code: name, status, attempts, message } : undefined;
}

/** True if AWS does not accept the caller's credentials, or no longer. */
export function isCredentialFault({ code }: SdkFault): boolean {
  return CREDENTIAL_CODES.has(code);
}

/** True if AWS asks to slow down. */
export function isThrottled({ code, status }: SdkFault): boolean {
  return status === 429 || /Throttl|TooManyRequests|SlowDown|RequestLimitExceeded|LimitExceeded/.test(code);
}

/** One line for a fault that has no remedy of its own. */
export function describeFault(fault: SdkFault): string {
  const { status } = fault;
  if (isThrottled(fault)) return 'AWS asked five times to slow down; no action needed, the next run continues';
  if (status === 0) return 'AWS cannot be reached; check the network and AWS_REGION';
  return status >= 500
    ? `AWS answered ${status} five times; no action needed, the next run continues`
    : `AWS answered ${status}`;
}

interface Metadata {
  readonly httpStatusCode?: number;
  readonly attempts?: number;
}

/** An answer without a body (to HEAD, or of a gateway) has no error code, only a status. */
function codeOf(name: string, status: number): string {
  return name === 'Error' || name === 'UnknownError' || /^\d+$/.test(name) ? `HTTP ${status}` : name;
}
