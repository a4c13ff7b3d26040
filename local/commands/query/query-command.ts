import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { didYouMean } from '../../../functions/nearest.ts';
import type { QueryResult } from '../../../functions/ports.ts';
import { readQuestions } from '../../../functions/questions.ts';
import { formatCsv } from '../../console/format-csv.ts';
import { formatJson } from '../../console/format-json.ts';
import { formatTable } from '../../console/format-table.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';
import { askWarehouse } from './ask-warehouse.ts';

const FORMATS: Readonly<Record<string, (result: QueryResult) => Iterable<string>>> = {
  table: ({ columns, rows }) => [formatTable(columns, rows)],
  csv: ({ columns, rows }) => formatCsv(columns, rows),
  json: ({ columns, rows }) => formatJson(columns, rows),
};

/** `callhouse query`: queries the warehouse of a data directory, or with `--athena` that of a stage. */
export async function queryCommand(sql: string, options: Options, shell: Shell): Promise<ExitCode> {
  const format = FORMATS[readText(options, 'format') ?? 'table'];
  if (!format)
    throw new ConfigError(`--format is not a known format: expected one of ${Object.keys(FORMATS).join(', ')}`);
  const result = options['questions'] ? listQuestions() : await askWarehouse(statementOf(sql, options), options, shell);
  for (const text of format(result)) shell.out.write(text);
  return 0;
}

/** The statement of the command line, or that of the question it names. */
function statementOf(sql: string, options: Options): string {
  const name = readText(options, 'question');
  if (name === undefined && sql.trim() === '') {
    throw new ConfigError(
      'the statement is empty; expected a SELECT, or --question with a name (--questions lists all)',
    );
  }
  if (name === undefined) return sql;
  if (sql !== '') throw new ConfigError('a statement and --question were given; expected one of them');
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
