import type { ExitCode } from '../../../functions/errors.ts';
import { oneLine } from '../../console/print-error.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import type { Check } from './check.ts';
import { doctorHere } from './doctor-here.ts';

const MISSING = 2;

/** `callhouse doctor`: prints one line per check. Exit code 2 if one fails. */
export async function doctorCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const checks = options['aws']
    ? await (await import('../../aws/doctor-stage.ts')).doctorStage(options, shell)
    : await doctorHere(options, shell);
  const exitCode = checks.every(({ ok }) => ok) ? 0 : MISSING;
  if (options['json']) shell.out.write(`${JSON.stringify({ checks, exitCode })}\n`);
  else for (const check of checks) shell.out.write(`${describe(check)}\n`);
  const wrong = checks.filter(({ ok }) => !ok).length;
  if (wrong > 0) shell.err.write(`callhouse: ${wrong} of ${checks.length} checks failed; see the lines with ✗\n`);
  return exitCode;
}

function describe({ check, ok, remedy, note }: Check): string {
  const more = remedy ?? note;
  const sign = ok ? (remedy === undefined ? '✓' : '!') : '✗';
  return `${sign} ${check}${more === undefined ? '' : `: ${oneLine(more)}`}`;
}
