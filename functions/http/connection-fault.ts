/** What a failed connection means, and what to do. */
interface Fault {
  readonly codes: RegExp;
  /** @default 'no answer' */
  readonly got?: string;
  readonly says: string;
  /** @param setting name of the variable with the vendor's address */
  readonly remedy: (setting: string) => string;
}

const EXTRA_CAS =
  "set NODE_EXTRA_CA_CERTS to a file with that authority's certificate in the environment (.env is read too late)";

const FAULTS: readonly Fault[] = [
  {
    codes: /^PROXY_(407|401)$/,
    says: 'the proxy refused its user name or password',
    remedy: () => 'check HTTPS_PROXY',
  },
  {
    codes: /^PROXY_\d+$/,
    says: 'the proxy did not open a connection to the vendor',
    remedy: (setting) => `check ${setting}, and ask the owner of the proxy to allow the vendor's host`,
  },
  {
    codes: /^PROXY_.*(CERT|SELF_SIGNED|UNABLE_TO_|TLS|SSL|EPROTO)/,
    says: 'no encrypted connection (TLS) to the proxy could be made',
    remedy: () => `check HTTPS_PROXY; if an authority of its own signed the proxy's certificate, ${EXTRA_CAS}`,
  },
  {
    codes: /^PROXY_/,
    says: 'the proxy could not be reached',
    remedy: () => 'check HTTPS_PROXY and the network; NO_PROXY lists hosts that need no proxy',
  },
  {
    codes: /^(ENOTFOUND|EAI_\w+|ENODATA)$/,
    says: 'its host name has no known address (DNS)',
    remedy: (setting) => `check the network and ${setting}`,
  },
  {
    codes: /^ECONNREFUSED$/,
    says: 'its host refused the connection',
    remedy: (setting) => `check the network, ${setting} and the vendor's status`,
  },
  {
    codes: /^(EHOSTUNREACH|ENETUNREACH|EADDRNOTAVAIL)$/,
    says: 'its host cannot be reached from this network',
    remedy: (setting) => `check the network, a firewall and ${setting}; set HTTPS_PROXY if a proxy is needed`,
  },
  {
    codes: /^ETIMEDOUT$/,
    says: 'its host did not answer the connection in time',
    remedy: (setting) => `check the network, a firewall and ${setting}; set HTTPS_PROXY if a proxy is needed`,
  },
  {
    codes: /^(CERT_HAS_EXPIRED|CERT_NOT_YET_VALID)$/,
    says: 'its certificate is out of date',
    remedy: () => "check this machine's clock; otherwise the vendor must renew the certificate",
  },
  {
    codes: /^ERR_TLS_CERT_ALTNAME/,
    says: 'its certificate belongs to another host name',
    remedy: (setting) => `check ${setting} and the network`,
  },
  {
    codes: /SELF_SIGNED|^UNABLE_TO_(VERIFY|GET_ISSUER)|^CERT_(UNTRUSTED|SIGNATURE_FAILURE)$/,
    says: 'an authority that this machine does not know signed its certificate',
    remedy: (setting) => `check ${setting}; if a proxy inspects TLS here, ${EXTRA_CAS}`,
  },
  {
    codes: /^ERR_SSL_[\w/]*ALERT_\w*CERTIFICATE/,
    says: 'its host wants a certificate of the client, and Callhouse has none',
    remedy: (setting) => `check ${setting} and the network, or ask the vendor for an address that needs none`,
  },
  {
    codes: /CERT|^UNABLE_TO_/,
    says: 'its certificate is not valid',
    remedy: (setting) => `check ${setting} and the network; otherwise the vendor must renew the certificate`,
  },
  {
    codes: /^(ERR_SSL|ERR_TLS|EPROTO)/,
    says: 'no encrypted connection (TLS) could be made',
    remedy: (setting) => `check the host and port in ${setting}, and the network`,
  },
  {
    codes: /^(ECONNRESET|EPIPE)$/,
    says: 'the connection was closed before the answer was complete',
    remedy: () => "check the network and the vendor's status",
  },
  {
    codes: /^(Z_|ERR_+(BROTLI|ERROR_FORMAT|PADDING|ALLOC|REACHED)|ZSTD_)/,
    got: 'a damaged answer',
    says: 'it cannot be decompressed',
    remedy: () => "check the vendor's status, and a proxy on the way",
  },
  {
    codes: /^HPE_/,
    got: 'a damaged answer',
    says: 'its head is not as HTTP wants it, or its length is not the one that it says',
    remedy: () => "check the vendor's status, and a proxy on the way",
  },
];

/**
 * Says what a failed connection means.
 * @param failure a code such as ECONNREFUSED, or a phrase
 * @param setting name of the variable with the vendor's address
 */
export function describeFailure(failure: string, setting: string): string {
  const fault = FAULTS.find(({ codes }) => codes.test(failure));
  if (!fault) return `got no answer (${failure}); check the network and the vendor's status; the next run continues`;
  const { got = 'no answer', says, remedy } = fault;
  return `got ${got}: ${says} (${failure}); ${remedy(setting)}; the next run continues`;
}
