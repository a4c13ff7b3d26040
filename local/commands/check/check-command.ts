import { checkAll } from '../../../functions/check/check-all.ts';
import { type CheckResult, faultsIn } from '../../../functions/check/check-result.ts';
import { keepChecks } from '../../../functions/check/keep-checks.ts';
import type { ExitCode } from '../../../functions/errors.ts';
import { accountsInLake } from '../../../functions/lake/accounts-in-lake.ts';
import { streamsToLoad, tablesOf } from '../../../functions/load/plan.ts';
import { viewSettingsOf } from '../../../functions/view-settings.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import type { Shell } from '../../console/shell.ts';
import { openStore } from '../../lake/open-store.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import { warehouseIn } from '../../warehouse/warehouse.ts';
import type { Options } from '../command.ts';
import { findWarehouse } from '../query/find-warehouse.ts';
import { readCopySettings } from '../query/safe-copy.ts';

/** `callhouse check`: makes every check and keeps the results. @returns 4 if there is a fault; a vendor's oddity is none */
export async function checkCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const dir = await findWarehouse(options, shell);
  // Views stay as the last load made them, whatever the folder says.
  const settings = await readCopySettings(dir, options, shell);
  const { stored } = await loadJudgedSources();
  const store = await openStore(dir);
  const plan = { streams: streamsToLoad(stored), accounts: await accountsInLake(store) };
  const tables = tablesOf(stored);
  const engine = warehouseIn({ dir, env: withDotenv(shell.cwd, shell.env), settings });
  const at = new Date();
  try {
    await engine.prepare(tables);
    const views = viewsFor(tables, viewSettingsOf(settings));
    const checks = await checkAll({ plan, views, at, engine, store });
    await keepChecks(checks, { scope: 'all', checkedAt: at.getTime() }, { engine });
    const exitCode = faultsIn(checks).length === 0 ? 0 : 4;
    shell.out.write(options['json'] ? `${JSON.stringify({ checks, exitCode })}\n` : describe(checks));
    return exitCode;
  } finally {
    await engine.close();
  }
}

function describe(checks: readonly CheckResult[]): string {
  const found = checks.filter(({ found }) => found > 0);
  const faults = faultsIn(found).map(({ message }) => `fault  ${message}`);
  const odd = found
    .filter(({ severity }) => severity === 'warning')
    .map(
      ({ source, account, message }) => `odd    ${source}${account === 'default' ? '' : ` (${account})`}: ${message}`,
    );
  const own = checks.filter(({ severity }) => severity === 'error').length;
  return [...faults, ...odd, `${own - faults.length} of ${own} checks passed`].map((line) => `${line}\n`).join('');
}
