import { onTestFinished } from 'vitest';
import { type SimulatorOptions, type Simulators, startSimulators } from '../../local/simulators/start-simulators.ts';

/** Simulated vendors that stop with the test, and the environment that lets a command line use them at full speed. */
export async function demoVendors(
  options: SimulatorOptions = {},
): Promise<{ readonly simulators: Simulators; readonly env: Readonly<Record<string, string>> }> {
  const simulators = await startSimulators({
    days: 10,
    callsPerVendor: 30,
    users: 2,
    transcripts: 'short',
    ...options,
  });
  onTestFinished(() => simulators.close());
  return { simulators, env: fastEnv(simulators) };
}

/** The simulators' environment, with a rate limit that no test waits for. */
export function fastEnv({ env }: Simulators): Readonly<Record<string, string>> {
  const rates = ['KISMET', 'SOLUM', 'ZUDU', 'KALEM'].map((source) => [`${source}_MAX_RPS`, '1000']);
  return { ...env, ...Object.fromEntries(rates) };
}

/** Only the variables of one source. */
export function envOf(env: Readonly<Record<string, string>>, ...sources: readonly string[]): Record<string, string> {
  const names = Object.entries(env).filter(([name]) => sources.some((source) => name.startsWith(source.toUpperCase())));
  return Object.fromEntries(names);
}
