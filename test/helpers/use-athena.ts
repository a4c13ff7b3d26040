import { afterAll, beforeAll, beforeEach } from 'vitest';
import { type AthenaOptions, athenaEngine } from '../../functions/aws/athena/athena-engine.ts';
import { type AthenaServer, startAthenaServer } from './athena-server.ts';

/** A scripted Athena for the tests of a file or of a `describe`, and engines that use it. */
export interface TestAthena {
  readonly server: AthenaServer;
  open(more?: Partial<AthenaOptions>): ReturnType<typeof athenaEngine>;
}

/** Starts a scripted Athena, and empties it before each test. */
export function useAthena(): TestAthena {
  let server: AthenaServer;
  beforeAll(async () => {
    server = await startAthenaServer();
  });
  beforeEach(() => {
    Object.assign(server, { scripts: [], faults: [] });
    server.calls.length = 0;
    server.executions.length = 0;
  });
  afterAll(() => server.close());
  return {
    get server() {
      return server;
    },
    open: (more = {}) =>
      athenaEngine({
        workgroup: 'callhouse-dev-etl',
        sleep: async () => {},
        client: { endpoint: server.url, region: 'us-east-1', credentials: { accessKeyId: 'x', secretAccessKey: 'y' } },
        ...more,
      }),
  };
}
