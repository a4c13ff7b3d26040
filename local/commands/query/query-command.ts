import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { tablesOf } from '../../../functions/load/plan.ts';
import { didYouMean } from '../../../functions/nearest.ts';
import type { QueryResult } from '../../../functions/ports.ts';
import { printable } from '../../../functions/printable.ts';
import { readQuestions } from '../../../functions/questions.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import { clinicTimeTest } from '../../../schemas/derive/clinic-times.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { withoutZone } from '../../console/clinic-times.ts';
import { csvFormat } from '../../console/format-csv.ts';
import { jsonFormat } from '../../console/format-json.ts';
import { tableFormat } from '../../console/format-table.ts';
import type { RowFormat } from '../../console/row-format.ts';
import type { Shell } from '../../console/shell.ts';
import { asBatches, type QueryBatches } from '../../warehouse/result-value.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';
import { streamWarehouse } from './ask-warehouse.ts';
import { readStatement } from './read-statement.ts';

const FORMATS: Readonly<Record<string, (columns: readonly string[]) => RowFormat>> = {
  table: tableFormat,
  csv: csvFormat,
  json: jsonFormat,
};

/** `callhouse query`: queries the safe half of a data directory, with `--phi` all of it, or with `--athena` the warehouse of a stage. */
export async function queryCommand(given: string | undefined, options: Options, shell: Shell): Promise<ExitCode> {
  const format = FORMATS[readText(options, 'format') ?? 'table'];
  if (!format)
    throw new ConfigError(`--format is not a known format: expected one of ${Object.keys(FORMATS).join(', ')}`);
  if (options['questions']) {
    await show(asBatches(listQuestions()), format, shell);
    return 0;
  }
  const sql = await statementOf(given, options, shell);
  const tables = tablesOf((await loadSources()).stored);
  const isClinicTime = clinicTimeTest(tables, viewsFor(tables, { timeZone: 'UTC' }), sql);
  await streamWarehouse(sql, options, shell, (result) => show(onClinicsClock(result, isClinicTime), format, shell));
  return 0;
}

/** Writes the rows as fast as they are read by whoever reads them. */
async function show(
  { columns, batches }: QueryBatches,
  format: (columns: readonly string[]) => RowFormat,
  { out }: Shell,
): Promise<void> {
  const text = format(columns);
  // A terminal, unlike a file, has a width.
  const isTerminal = Number.isFinite(out.columns);
  const write = (part: string) => {
    if (part !== '') out.write(isTerminal ? part.split('\n').map(printable).join('\n') : part);
    return out.isWanted();
  };
  for await (const rows of batches) {
    if (!(await write(text.add(rows)))) return;
  }
  await write(text.end());
}

function onClinicsClock(result: QueryBatches, isClinicTime: (column: string) => boolean): QueryBatches {
  const batches = async function* () {
    for await (const rows of result.batches) yield withoutZone({ ...result, rows }, isClinicTime).rows;
  };
  return { ...result, batches: batches() };
}

/** The statement that is given, or that of the question that is named. */
async function statementOf(given: string | undefined, options: Options, shell: Shell): Promise<string> {
  const name = readText(options, 'question');
  if (name === undefined) return readStatement(given, options, shell);
  const other = given !== undefined ? 'a statement' : readText(options, 'file') !== undefined ? '--file' : undefined;
  if (other) throw new ConfigError(`${other} and --question were given; expected one of them`);
  const questions = readQuestions();
  const question = questions.find((one) => one.name === name);
  if (question) return question.sql;
  const names = questions.map((one) => one.name);
  throw new ConfigError(
    `--question is not a known question${didYouMean(name, names)}; expected one of ${names.join(', ')}`,
  );
}

function listQuestions(): QueryResult {
  return { columns: ['name', 'question'], rows: readQuestions().map(({ name, title }) => [name, title]) };
}
