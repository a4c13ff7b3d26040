import { resolve } from 'node:path';
import type { ExitCode } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import { MOST_WEEKS, reportSettings } from '../../../functions/report/report-request.ts';
import type { Shell } from '../../console/shell.ts';
import { refuseNoFile } from '../../lake/folder-error.ts';
import { giveToGroup } from '../../publish/file-access.ts';
import { attachCopy, inMemory } from '../../publish/query-copy.ts';
import { makeReport } from '../../report/make-report.ts';
import { writeReport } from '../../report/write-report.ts';
import { refuseOwnPath } from '../../settings/own-path.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import type { Options } from '../command.ts';
import { findWarehouse } from '../query/find-warehouse.ts';
import { openSafeCopy, readCopySettings } from '../query/safe-copy.ts';
import { readInstant, readNumber, readText } from '../read-option.ts';

/** `callhouse report`: writes the manager's page from the copy without health data, which is brought up to date first. */
export async function reportCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const weeks = readNumber(options, 'weeks', '--weeks', { min: 2, max: MOST_WEEKS });
  const at = readInstant(options, 'at', '--at') ?? new Date();
  const dir = await findWarehouse(options, shell);
  const to = readText(options, 'to');
  const path = to === undefined ? dir.report : resolve(shell.cwd, to);
  refuseOwnPath('--to', path, dir);
  await refuseNoFile(path, 'a file such as week.html');
  const settings = await readCopySettings(dir, options, shell);
  const { stored } = await loadJudgedSources();
  const copy = await openSafeCopy(dir, stored, options, shell);
  const own = reportSettings(settings);
  const request = { ...own, weeks: weeks ?? own.weeks, tables: tablesOf(stored), at };
  const page = await inMemory(copy, async (connection) => {
    await attachCopy(connection, copy);
    return makeReport({ connection, database: 'callhouse', schema: 'main' }, request);
  });
  await writeReport(page, path);
  if (to !== undefined) await giveToGroup(path, settings.group);
  shell.out.write(`report: ${path}\n`);
  return 0;
}
