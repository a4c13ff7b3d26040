import { createServer } from 'node:http';
import { listenOnLoopback } from '../../local/simulators/listen-on-loopback.ts';

/** A server that speaks the part of Secrets Manager's protocol that reads. */
export interface SecretsServer {
  readonly url: string;
  /** Text by name. */
  readonly secrets: Map<string, string>;
  /** Names asked for, in order. */
  readonly asked: string[];
  /** The next request gets this error instead of an answer. */
  fault: string | undefined;
  /** Every request gets this error of AWS, with its status, until it is taken back. */
  outage: { readonly code: string; readonly status: number } | undefined;
  close(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. */
export async function startSecretsServer(): Promise<SecretsServer> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const { SecretId: name } = JSON.parse(Buffer.concat(parts).toString()) as { SecretId: string };
    state.asked.push(name);
    const text = state.secrets.get(name);
    const error = state.outage?.code ?? state.fault ?? (text === undefined ? 'ResourceNotFoundException' : undefined);
    state.fault = undefined;
    response.writeHead(error ? (state.outage?.status ?? 400) : 200, { 'content-type': 'application/x-amz-json-1.1' });
    response.end(
      JSON.stringify(error ? { __type: error, message: 'as asked, Jane' } : { Name: name, SecretString: text }),
    );
  });
  const state: SecretsServer = {
    ...(await listenOnLoopback(server)),
    secrets: new Map(),
    asked: [],
    fault: undefined,
    outage: undefined,
  };
  return state;
}
