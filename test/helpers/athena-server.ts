import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage } from 'node:http';
import { listenOnLoopback } from '../../local/simulators/listen-on-loopback.ts';

/** One execution: its state at each poll, and its results. */
export interface Script {
  /** @default ['SUCCEEDED'] */
  readonly states?: readonly string[];
  readonly reason?: string;
  readonly columns?: readonly (readonly [name: string, type: string])[];
  readonly rows?: readonly (readonly (string | null)[])[];
  readonly updateCount?: number;
  /** Rows of one page of results. @default 1000 */
  readonly page?: number;
  readonly scannedBytes?: number;
  /** When it ended. @default now */
  readonly endedAt?: Date;
}

interface Execution {
  readonly id: string;
  /** Of the client's request: a repeated request is the same execution. */
  readonly token: string;
  readonly sql: string;
  readonly script: Script;
  looks: number;
}

/** A server that speaks the parts of Athena's, Glue's, CloudTrail's and Lambda's protocols that we need, by a script. */
export interface AthenaServer {
  readonly url: string;
  /** Every call: its name and its input. */
  readonly calls: { readonly name: string; readonly input: Record<string, unknown> }[];
  readonly executions: Execution[];
  /** The next executions, in order. */
  scripts: Script[];
  /** What an execution without a script does. @default it succeeds with no rows */
  run: (sql: string) => Script | Promise<Script>;
  /** Answers to other calls, by name. */
  answers: Record<string, (input: Record<string, unknown>) => unknown>;
  /** Failures of the next calls, one each; `undefined` answers a call normally. `lost` does the work, then closes the socket. */
  faults: ({ readonly name: string; readonly type: string; readonly message?: string } | 'lost' | undefined)[];
  close(): Promise<void>;
}

/** Starts the server on a free port of 127.0.0.1. */
export async function startAthenaServer(): Promise<AthenaServer> {
  const server = createServer(async (request, response) => {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part as Buffer);
    const body = Buffer.concat(parts).toString();
    const input = JSON.parse(body === '' ? '{}' : body) as Record<string, unknown>;
    const name = nameOf(request);
    state.calls.push({ name, input });
    const fault =
      typeof state.faults[0] === 'object' && state.faults[0].name !== name ? undefined : state.faults.shift();
    const send = (status: number, output: unknown) =>
      response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(output));
    if (typeof fault === 'object') return send(400, { __type: fault.type, message: fault.message ?? 'as asked' });
    const [status, output] = await answer(state, name, input);
    if (fault === 'lost') return response.destroy();
    return send(status, output);
  });
  const state: AthenaServer = {
    ...(await listenOnLoopback(server)),
    calls: [],
    executions: [],
    scripts: [],
    run: () => ({}),
    answers: {},
    faults: [],
  };
  return state;
}

/** Name of the call: Lambda has paths, the others a header. */
function nameOf({ url = '', headers }: IncomingMessage): string {
  if (url.includes('/account-settings')) return 'GetAccountSettings';
  return String(headers['x-amz-target']).split('.')[1] ?? '';
}

/** Answers of Glue and Lambda about an account whose defaults nobody changed. */
const OF_ACCOUNT: Readonly<Record<string, object>> = {
  GetTableVersions: { TableVersions: [{ VersionId: '0' }] },
  GetAccountSettings: { AccountLimit: { ConcurrentExecutions: 1000, UnreservedConcurrentExecutions: 1000 } },
  GetDatabase: { Database: { CreateTableDefaultPermissions: [{ Permissions: ['ALL'] }] } },
};

async function answer(state: AthenaServer, name: string, input: Record<string, unknown>) {
  if (name === 'StartQueryExecution') return [200, { QueryExecutionId: (await start(state, input)).id }] as const;
  const given = state.answers[name];
  if (given) return [200, given(input)] as const;
  if (OF_ACCOUNT[name]) return [200, OF_ACCOUNT[name]] as const;
  const execution = state.executions.find(({ id }) => id === input['QueryExecutionId']);
  if (!execution) return [400, { __type: 'InvalidRequestException', message: 'QueryExecution was not found' }] as const;
  return [200, name === 'GetQueryExecution' ? describe(execution) : results(execution, input['NextToken'])] as const;
}

async function start(state: AthenaServer, input: Record<string, unknown>): Promise<Execution> {
  const token = String(input['ClientRequestToken']);
  const known = state.executions.find((execution) => execution.token === token);
  if (known) return known;
  const sql = String(input['QueryString']);
  const script = state.scripts.shift() ?? (await state.run(sql));
  const execution = { id: randomUUID(), token, sql, script, looks: 0 };
  state.executions.push(execution);
  return execution;
}

function describe(execution: Execution) {
  const { id, script } = execution;
  const { states = ['SUCCEEDED'], reason, scannedBytes = 10, endedAt = new Date() } = script;
  const State = states[Math.min(execution.looks, states.length - 1)];
  execution.looks += 1;
  const Status = { State, StateChangeReason: reason, CompletionDateTime: endedAt.getTime() / 1000 };
  return { QueryExecution: { QueryExecutionId: id, Status, Statistics: { DataScannedInBytes: scannedBytes } } };
}

function results({ script }: Execution, token: unknown) {
  const { columns = [], rows = [], updateCount = 0, page = 1000 } = script;
  const all = columns.length > 0 ? [columns.map(([name]) => name), ...rows] : rows;
  const from = Number(token ?? 0);
  const datum = (text: string | null) => (text === null ? {} : { VarCharValue: text });
  return {
    UpdateCount: updateCount,
    NextToken: from + page < all.length ? String(from + page) : undefined,
    ResultSet: {
      Rows: all.slice(from, from + page).map((row) => ({ Data: row.map(datum) })),
      ResultSetMetadata: { ColumnInfo: columns.map(([Name, Type]) => ({ Name, Type })) },
    },
  };
}
