import type { ExitCode } from '../../../functions/errors.ts';
import type { ExtractResult } from '../../../functions/results.ts';
import { type LogLines, logLines } from '../../console/log-lines.ts';
import { printError } from '../../console/print-error.ts';
import type { Shell } from '../../console/shell.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import { dataDirAt } from '../../settings/data-dir.ts';
import { describeReadableDotenv, withDotenv } from '../../settings/dotenv.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import type { Options } from '../command.ts';
import { describeHeld, heldIn } from '../confirm-removals/describe-held.ts';
import { readDataDir, readInstant, readText, readWarehouse } from '../read-option.ts';
import { describeRun, nameOf } from './describe-run.ts';
import { runOnce } from './run-once.ts';
import { selectSound } from './select-targets.ts';
import { showActivity } from './show-activity.ts';
import { isBusy } from './try-extract.ts';

/** `callhouse run`: one incremental run. */
export async function runCommand(names: readonly string[], options: Options, shell: Shell): Promise<ExitCode> {
  const given = readInstant(options, 'at', '--at');
  const at = given ?? new Date();
  const env = withDotenv(shell.cwd, shell.env);
  const { sources, broken: wrong, stored } = await loadJudgedSources();
  const settings = withEnvironment(
    await readConfigFile(readText(options, 'config'), shell.cwd),
    [...sources, ...wrong],
    env,
  );
  const { targets, broken, unused } = selectSound(names, { sources, broken: wrong, settings, env });
  const dataDir = readDataDir(options, shell);
  const warehouse = readWarehouse(options, shell);
  const lines = logLines(shell);
  for (const { error } of unused) lines.log('warn', error.message);
  const readable = describeReadableDotenv(shell.cwd);
  if (readable !== undefined) lines.log('warn', readable);
  const activity = showActivity(lines, targets);
  try {
    const result = await runOnce({
      targets,
      broken,
      sources,
      stored,
      at,
      isScheduled: given === undefined,
      dataDir,
      warehouse,
      settings,
      env,
      log: activity.log,
      signal: shell.signal,
      onAccount: (account) => activity.around(() => printAccount(account, lines, shell)),
      onBug: (error) => activity.around(() => void printError(error, shell)),
    });
    activity.end();
    if (result.load.error !== undefined) lines.showFailure(result.load.error);
    shell.out.write(
      options['json']
        ? `${JSON.stringify(result)}\n`
        : describeRun(result, {
            report: dataDirAt(dataDir, warehouse).report,
            held: result.sources.flatMap(heldIn).map((held) => describeHeld(held, options, shell)),
            sources,
          }),
    );
    return result.exitCode;
  } finally {
    activity.end();
  }
}

/** Reports an account that failed before its streams started, which therefore logged nothing. */
function printAccount(result: ExtractResult, lines: LogLines, { err }: Shell): void {
  const { source, account, error, exitCode } = result;
  if (error === undefined || exitCode === 1) return;
  if (isBusy(result)) err.write(`${nameOf(source, account)}: another run is in progress; nothing to do\n`);
  else lines.showFailure(error);
}
