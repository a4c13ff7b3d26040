import type { ExitCode } from '../../../functions/errors.ts';
import { ConfigError } from '../../../functions/errors.ts';
import type { Shell } from '../../console/shell.ts';
import { startControl } from '../../simulators/control.ts';
import { type GivenOptions, startSimulators } from '../../simulators/start-simulators.ts';
import type { Options } from '../command.ts';
import { readInstant, readNumber } from '../read-option.ts';

const CONTROL_PLACE = 4;
const LAST_PORT = 65_535 - CONTROL_PLACE;

/** `callhouse simulate`: runs the simulated vendors until a signal. */
export async function simulateCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const port = readNumber(options, 'port', '--port', { min: 0, max: LAST_PORT }) ?? 0;
  const rate = (name: string) => readNumber(options, name, `--${name}`, { min: 0, max: 1, integer: false }) ?? 0;
  const [faults, drift] = [rate('faults'), rate('drift')];
  const simulators = await startSimulators({ ...readWorld(options), port }).catch(refusePort);
  const control = await startControl(simulators, port === 0 ? 0 : port + CONTROL_PLACE).catch(refusePort);
  if (faults > 0) simulators.setFaults({ rate: faults });
  if (drift > 0) simulators.setDrift(drift);
  const lines = Object.entries(simulators.env).map(([name, value]) => `export ${name}=${value}\n`);
  shell.out.write(lines.join(''));
  shell.out.write(`# control: curl -X POST "${control.url}/_sim/advance?hours=6"\n`);
  shell.err.write(`the world's clock is at ${simulators.now().toISOString()}; press Ctrl-C to stop\n`);
  await untilAborted(shell.signal);
  await Promise.all([simulators.close(), control.close()]);
  return 0;
}

function readWorld(options: Options): GivenOptions {
  const read = (name: string, flag: string, max: number, min = 0) => readNumber(options, name, flag, { min, max });
  return {
    seed: read('seed', '--seed', Number.MAX_SAFE_INTEGER),
    days: read('days', '--days', 3650, 1),
    callsPerVendor: read('calls', '--calls', 1_000_000),
    users: read('users', '--users', 1000, 1),
    rateLimit: read('rateLimit', '--rate-limit', 1_000_000, 1),
    now: (readInstant(options, 'now', '--now') ?? new Date()).toISOString(),
  };
}

function refusePort(error: unknown): never {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
  throw new ConfigError(
    `a port of --port is in use or not allowed (${code}); choose another, or omit --port to use free ports`,
  );
}

async function untilAborted(signal: AbortSignal): Promise<void> {
  // The open servers keep the process alive meanwhile.
  await new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
