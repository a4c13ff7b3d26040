import type { ExitCode } from '../../../functions/errors.ts';
import { streamsToLoad } from '../../../functions/load/plan.ts';
import { checkOddities, type Oddity } from '../../../functions/maintain/check-oddities.ts';
import { type CheckResult, checkTables } from '../../../functions/maintain/check-tables.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { openWarehouse } from '../query/ask-warehouse.ts';

/** `callhouse check`: checks what the declarations promise. @returns 4 if the warehouse breaks a promise; a vendor's oddity is none */
export async function checkCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const { stored } = await loadSources();
  const streams = streamsToLoad(stored);
  const plan = { streams, accounts: Object.fromEntries(stored.map(({ name }) => [name, ['every']])) };
  const tables = [...new Set(streams.flatMap((stream) => stream.tables))];
  const engine = await openWarehouse(options, shell);
  try {
    const checks = await checkTables(plan, { engine });
    const oddities = await checkOddities(plan, viewsFor(tables, { timeZone: 'UTC' }), { engine });
    const faults = checks.filter(({ ok }) => !ok);
    const exitCode = faults.length === 0 ? 0 : 4;
    shell.out.write(
      options['json'] ? `${JSON.stringify({ checks, oddities, exitCode })}\n` : describe(checks, oddities),
    );
    return exitCode;
  } finally {
    await engine.close();
  }
}

function describe(checks: readonly CheckResult[], oddities: readonly Oddity[]): string {
  const faults = checks.filter(({ ok }) => !ok).map(({ seen }) => `fault  ${seen}`);
  const odd = oddities.map(({ source, account, meaning, count }) => {
    const whose = account === 'default' ? source : `${source} (${account})`;
    return `odd    ${whose}: ${count} times: ${meaning}`;
  });
  const passed = checks.length - faults.length;
  return [...faults, ...odd, `${passed} of ${checks.length} checks passed`].map((line) => `${line}\n`).join('');
}
