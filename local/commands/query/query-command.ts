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
import { formatCsv } from '../../console/format-csv.ts';
import { formatJson } from '../../console/format-json.ts';
import { formatTable } from '../../console/format-table.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';
import { askWarehouse } from './ask-warehouse.ts';
import { readStatement } from './read-statement.ts';

const FORMATS: Readonly<Record<string, (result: QueryResult) => Iterable<string>>> = {
  table: ({ columns, rows }) => [formatTable(columns, rows)],
  csv: ({ columns, rows }) => formatCsv(columns, rows),
  json: ({ columns, rows }) => formatJson(columns, rows),
};

/** `callhouse query`: queries the safe half of a data directory, with `--phi` all of it, or with `--athena` the warehouse of a stage. */
export async function queryCommand(given: string | undefined, options: Options, shell: Shell): Promise<ExitCode> {
  const format = FORMATS[readText(options, 'format') ?? 'table'];
  if (!format)
    throw new ConfigError(`--format is not a known format: expected one of ${Object.keys(FORMATS).join(', ')}`);
  const result = options['questions']
    ? listQuestions()
    : await answer(await statementOf(given, options, shell), options, shell);
  // A terminal, unlike a file, has a width.
  const isTerminal = Number.isFinite(shell.out.columns);
  for (const text of format(result)) shell.out.write(isTerminal ? text.split('\n').map(printable).join('\n') : text);
  return 0;
}

async function answer(sql: string, options: Options, shell: Shell): Promise<QueryResult> {
  const result = await askWarehouse(sql, options, shell);
  const tables = tablesOf((await loadSources()).stored);
  return withoutZone(result, clinicTimeTest(tables, viewsFor(tables, { timeZone: 'UTC' }), sql));
}

/** The statement that is given, or that of the question that is named. */
async function statementOf(given: string | undefined, options: Options, shell: Shell): Promise<string> {
  const name = readText(options, 'question');
  if (name === undefined) return readStatement(given, options, shell);
  if (given !== undefined) throw new ConfigError('a statement and --question were given; expected one of them');
  const questions = readQuestions();
  const question = questions.find((one) => one.name === name);
  if (question) return question.sql;
  const names = questions.map((one) => one.name);
  throw new ConfigError(
    `--question is no question of the book${didYouMean(name, names)}; expected one of ${names.join(', ')}`,
  );
}

function listQuestions(): QueryResult {
  return { columns: ['name', 'question'], rows: readQuestions().map(({ name, title }) => [name, title]) };
}
