/** Settings of every client of AWS here: five tries, and limits on how long one may hang. */
export function clientDefaults(service: 'S3' | 'ATHENA' | 'SECRETS_MANAGER') {
  const endpoint = process.env[`AWS_ENDPOINT_URL_${service}`] ?? process.env['AWS_ENDPOINT_URL'];
  return {
    maxAttempts: 5,
    retryMode: 'standard',
    requestHandler: { connectionTimeout: 5_000, socketTimeout: 30_000 },
    // A stand-in has no name for each bucket.
    ...(service === 'S3' && endpoint !== undefined ? { forcePathStyle: true } : {}),
  } as const;
}
