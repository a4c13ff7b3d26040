import { request } from 'node:http';
import { GetSecretValueCommand, PutSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { athenaEngine } from '../../functions/aws/athena/athena-engine.ts';
import { s3Store } from '../../functions/aws/s3/s3-store.ts';
import type { Engine, Store } from '../../functions/ports.ts';
import type { Outputs } from './cdk.ts';
import type { Engines } from './engines.ts';

/** The deployed stage, as its owner reaches it. */
export interface Cloud {
  readonly outputs: Readonly<Record<string, string>>;
  readonly store: Store;
  /** Of the workgroup of the pipeline. */
  readonly engine: Engine;
  /** Invokes a Lambda by its API and waits. @throws Error with what the Lambda threw */
  invoke<T>(name: string, event?: object): Promise<T>;
  /** Invokes a Lambda asynchronously, as a schedule does. */
  invokeLater(name: string, event: object): Promise<void>;
  putSecret(name: string, value: Readonly<Record<string, string>>): Promise<void>;
  readSecret(name: string): Promise<Readonly<Record<string, string>>>;
}

export const STAGE = 'dev';

/** Opens what was deployed. The clients are the product's own, and find the stand-in by the environment. */
export function openCloud({ env, awsPort }: Engines, outputs: Outputs): Cloud {
  for (const [name, value] of Object.entries(env)) if (name.startsWith('AWS_')) process.env[name] = value;
  const data = outputs[`Callhouse-${STAGE}-Data`] ?? {};
  const bucket = data['Bucket'] ?? '';
  const store = s3Store({ bucket });
  const engine = athenaEngine({ workgroup: data['EtlWorkgroup'] ?? '', store });
  const secrets = new SecretsManagerClient({});
  return {
    outputs: data,
    store,
    engine,
    invoke: async <T>(name: string, event: object = {}) => (await invoke(awsPort, name, event)) as T,
    invokeLater: async (name, event) => {
      await invoke(awsPort, name, event, 'Event');
    },
    putSecret: async (name, value) => {
      await secrets.send(new PutSecretValueCommand({ SecretId: name, SecretString: JSON.stringify(value) }));
    },
    readSecret: async (name) => {
      const { SecretString: text = '{}' } = await secrets.send(new GetSecretValueCommand({ SecretId: name }));
      return JSON.parse(text) as Record<string, string>;
    },
  };
}

/** Lambda's Invoke, by hand: the project has no client for it. The stand-in checks no signature, only the service that it names. */
async function invoke(port: number, name: string, event: object, type = 'RequestResponse'): Promise<unknown> {
  const { body, failed } = await new Promise<{ body: string; failed: boolean }>((resolve, reject) => {
    const asked = request(
      {
        host: '127.0.0.1',
        port,
        method: 'POST',
        path: `/2015-03-31/functions/${name}/invocations`,
        headers: {
          'content-type': 'application/json',
          'x-amz-invocation-type': type,
          authorization:
            'AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/lambda/aws4_request, SignedHeaders=host, Signature=0',
        },
      },
      (answer) => {
        let text = '';
        answer.setEncoding('utf8').on('data', (more: string) => {
          text += more;
        });
        answer.once('error', reject);
        answer.once('end', () => {
          const error = answer.headers['x-amz-function-error'];
          resolve({ body: text, failed: error !== undefined || (answer.statusCode ?? 500) >= 300 });
        });
      },
    );
    asked.once('error', reject);
    asked.end(JSON.stringify(event));
  });
  if (failed) throw new Error(`${name}: ${messageOf(body)}`);
  return body === '' ? undefined : JSON.parse(body);
}

function messageOf(body: string): string {
  try {
    const { errorMessage } = JSON.parse(body) as { errorMessage?: string };
    return errorMessage ?? body;
  } catch {
    return body;
  }
}
