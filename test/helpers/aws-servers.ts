import { onTestFinished } from 'vitest';
import { type AthenaServer, startAthenaServer } from './athena-server.ts';
import { type S3Server, startS3Server } from './s3-server.ts';
import { type SecretsServer, startSecretsServer } from './secrets-server.ts';

/** Servers that speak AWS's protocols; clients in this process use them until the test ends. */
export interface AwsServers {
  readonly athena: AthenaServer;
  readonly s3: S3Server;
  readonly secrets: SecretsServer;
}

/** Starts the servers, with a stage `dev` whose lake is the bucket `lake`. */
export async function awsServers(): Promise<AwsServers> {
  const [athena, s3, secrets] = await Promise.all([startAthenaServer(), startS3Server(), startSecretsServer()]);
  setVariables({
    AWS_ENDPOINT_URL_ATHENA: athena.url,
    AWS_ENDPOINT_URL_GLUE: athena.url,
    AWS_ENDPOINT_URL_CLOUDTRAIL: athena.url,
    AWS_ENDPOINT_URL_LAMBDA: athena.url,
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: secrets.url,
    AWS_REGION: 'eu-central-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
    AWS_EC2_METADATA_DISABLED: 'true',
  });
  athena.answers['GetWorkGroup'] = () => ({
    WorkGroup: {
      State: 'ENABLED',
      Configuration: { ResultConfiguration: { OutputLocation: 's3://lake/athena-results/etl/' } },
    },
  });
  onTestFinished(async () => {
    await Promise.all([athena.close(), s3.close(), secrets.close()]);
  });
  return { athena, s3, secrets };
}

/** Sets variables of this process until the test ends; `undefined` removes one. */
export function setVariables(variables: Readonly<Record<string, string | undefined>>): void {
  for (const [name, value] of Object.entries(variables)) {
    const before = process.env[name];
    write(name, value);
    onTestFinished(() => write(name, before));
  }
}

function write(name: string, value: string | undefined): void {
  if (value === undefined) delete process.env[name];
  else process.env[name] = value;
}
