import { memoryStore } from '../../local/lake/memory-store.ts';
import { type SimulatorOptions, type Simulators, startSimulators } from '../../local/simulators/start-simulators.ts';
import { foldSource, rowsOf } from './fold-staged.ts';
import { makePorts } from './ports.ts';
import { type RunOptions, runSource } from './run-source.ts';
import { type ScriptedAnswer, type ScriptedRequest, scriptedServer } from './scripted-server.ts';

export const KISMET_ENV = { KISMET_CLIENT_ID: 'id', KISMET_CLIENT_SECRET: 'secret' };

/** The simulated Kismet, and runs against it. */
export async function simulatedKismet(options: SimulatorOptions = {}) {
  const sims = await startSimulators({ callsPerVendor: 40, users: 3, days: 6, ...options });
  const store = memoryStore();
  const run = async (more: Partial<RunOptions> = {}, extra: Readonly<Record<string, string>> = {}) => {
    const ports = makePorts({ store, env: { ...sims.env, ...extra } });
    sims.resetRequests();
    const result = await runSource('kismet', { at: sims.now(), url: sims.urls.kismet, ...more }, ports);
    return { ...result, ports, requests: [...sims.requests] };
  };
  const rows = async (table: string) => rowsOf(await foldSource(store, 'kismet'), table);
  return { sims, store, run, rows };
}

/** Records the simulator lists now. */
export const listed = (sims: Simulators, stream: 'calls' | 'call_audit_logs') =>
  [...sims.ledger.entries('kismet', stream).values()].filter(({ removedAt }) => removedAt === null);

/** A scripted Kismet with only users and their calls. */
export async function scriptedKismet(
  users: number[],
  calls: Record<number, object[]>,
  odd?: (request: ScriptedRequest) => ScriptedAnswer | undefined,
) {
  const page = (name: string, list: readonly object[]): ScriptedAnswer => ({
    json: { [name]: list, pagination: { current_page: 1, per_page: 100, total_pages: 1, total_count: list.length } },
  });
  return scriptedServer((request) => {
    const answer = odd?.(request);
    if (answer) return answer;
    if (request.path.endsWith('/organization_users'))
      return page(
        'organization_users',
        users.map((id) => ({ id })),
      );
    if (request.path.endsWith('/call_metrics')) return { json: { total_calls: {} } };
    if (request.path.endsWith('/audit_logs')) return page('audit_logs', []);
    const id = Number(/users\/(\d+)\/calls$/.exec(request.path)?.[1]);
    const list = calls[id];
    return list ? page('calls', list) : { status: 404, body: '{ "error": "Not Found", }' };
  });
}
