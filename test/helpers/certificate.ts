import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto';

/** What a certificate says. */
export interface CertificateOptions {
  readonly host: string;
  /** Last instant at which it is valid. @default in 2049 */
  readonly until?: Date;
}

/** A certificate that its own key signed, as PEM. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/**
 * Makes a self-signed certificate, which is an authority of its own too.
 * @see {@link https://www.rfc-editor.org/rfc/rfc5280#section-4.1}
 */
export function selfSigned({ host, until = new Date('2049-01-01T00:00:00Z') }: CertificateOptions): Certificate {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
  const body = sequence(
    tagged(0xa0, integer(2)),
    integer(1),
    ECDSA_SHA256,
    nameOf(host),
    sequence(time(new Date('2020-01-01T00:00:00Z')), time(until)),
    nameOf(host),
    publicKey.export({ type: 'spki', format: 'der' }),
    tagged(0xa3, sequence(alternativeName(host), AUTHORITY)),
  );
  return {
    cert: pem('CERTIFICATE', sequence(body, ECDSA_SHA256, bits(signature(body, privateKey)))),
    key: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
}

const ECDSA_SHA256 = sequence(tagged(0x06, Buffer.from('2a8648ce3d040302', 'hex')));
const AUTHORITY = sequence(
  tagged(0x06, Buffer.from('551d13', 'hex')),
  tagged(0x04, sequence(tagged(0x01, Buffer.from([0xff])))),
);

function alternativeName(host: string): Buffer {
  const names = sequence(tagged(0x82, Buffer.from(host)));
  return sequence(tagged(0x06, Buffer.from('551d11', 'hex')), tagged(0x04, names));
}

function nameOf(host: string): Buffer {
  const commonName = sequence(tagged(0x06, Buffer.from('550403', 'hex')), tagged(0x0c, Buffer.from(host)));
  return sequence(tagged(0x31, commonName));
}

function signature(body: Buffer, key: KeyObject): Buffer {
  return sign('sha256', body, key);
}

function time(at: Date): Buffer {
  return tagged(0x17, Buffer.from(`${at.toISOString().replace(/[-:T]/g, '').slice(2, 14)}Z`));
}

function integer(value: number): Buffer {
  return tagged(0x02, Buffer.from([value]));
}

function bits(content: Buffer): Buffer {
  return tagged(0x03, Buffer.concat([Buffer.from([0]), content]));
}

function sequence(...parts: readonly Buffer[]): Buffer {
  return tagged(0x30, Buffer.concat(parts));
}

function tagged(tag: number, content: Buffer): Buffer {
  const { length } = content;
  const size = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([tag, ...size]), content]);
}

function pem(label: string, der: Buffer): string {
  return `-----BEGIN ${label}-----\n${der.toString('base64').replace(/(.{64})/g, '$1\n')}\n-----END ${label}-----\n`;
}
