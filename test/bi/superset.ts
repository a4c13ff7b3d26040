import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../deploy/programs.ts';
import type { Report } from '../deploy/report.ts';

/** What the import needs. */
export interface SupersetOptions {
  readonly report: Report;
  /** State of this run. */
  readonly folder: string;
  /** Where engines are installed. */
  readonly home: string;
  readonly act: (...args: string[]) => Promise<void>;
}

/** Imports the generated datasets into an Apache Superset, and has its query layer compute a metric of each dataset. */
export async function importIntoSuperset({ report, folder, home, act }: SupersetOptions): Promise<void> {
  const venv = join(home, 'bi-superset');
  await act('export', 'superset', '--for', 'superset');
  await report.check('Superset imports the datasets, and computes their metrics', async () => {
    if (!existsSync(join(venv, 'bin', 'superset'))) {
      await runProgram('python3', ['-m', 'venv', venv]);
      const requirements = join(import.meta.dirname, '../engines/stand-in/requirements-superset.txt');
      const packages = ['-r', requirements, ...ENGINE];
      await runProgram(join(venv, 'bin', 'pip'), ['install', '-q', ...packages], { timeoutMs: 15 * 60_000 });
    }
    const script = join(import.meta.dirname, 'superset.sh');
    return (await runProgram('bash', [script, venv, folder], { timeoutMs: 15 * 60_000 })).trim().split('\n').at(-1);
  });
}

/** What lets Superset read DuckDB. */
const ENGINE = ['duckdb-engine==0.17.0', 'duckdb==2.0.1'];
