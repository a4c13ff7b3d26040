/** Settings of every AWS client: five tries, 5 s to connect, 30 s without a byte. */
export function clientDefaults(service: 'S3' | 'ATHENA' | 'GLUE' | 'SECRETS_MANAGER' | 'CLOUDTRAIL' | 'LAMBDA') {
  const endpoint = process.env[`AWS_ENDPOINT_URL_${service}`] ?? process.env['AWS_ENDPOINT_URL'];
  return {
    maxAttempts: 5,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
    // An emulator has no host name per bucket.
    ...(service === 'S3' && endpoint !== undefined ? { forcePathStyle: true } : {}),
  } as const;
}
