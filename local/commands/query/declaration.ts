import { CONFIG, type CommandDeclaration, DATA_DIR, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse query` */
export const query: CommandDeclaration = {
  name: 'query',
  doc: 'Query the warehouse without health data, or all of it with --phi. A query cannot change anything.',
  examples: [
    ['callhouse query "select source, count(*) from calls group by 1"', 'calls of each vendor'],
    ['callhouse query "select * from calls_daily order by date" --format csv > daily.csv', 'a file for a spreadsheet'],
    ['callhouse query "from freshness" --format json', 'an array of objects'],
    ['callhouse query --question last-week', 'a question of docs/questions.md; --questions lists all'],
    ['callhouse query --phi - < lookup.sql', 'also health data; the statement is in no list of processes'],
    ['callhouse query --athena --stage prod "select count(*) from calls"', 'the warehouse on AWS'],
  ],
  arguments: [['[sql]', 'one SELECT in the SQL of DuckDB, or of Athena; - reads it from standard input']],
  options: [
    DATA_DIR,
    WAREHOUSE,
    { flags: '--phi', doc: 'read callhouse_phi too, which holds health data' },
    { flags: '--file <file>', doc: 'read the statement from this file' },
    { flags: '--format <format>', doc: 'table, csv or json', default: 'table' },
    { flags: '--question <name>', doc: 'asks one of the questions in place of <sql>' },
    { flags: '--questions', doc: 'lists the questions' },
    { flags: '--athena', doc: 'query the warehouse on AWS; stderr shows the bytes it scanned' },
    STAGE,
    { flags: '--workgroup <name>', doc: 'Athena workgroup (default: callhouse-<stage>-bi)' },
    CONFIG,
  ],
  act: async ([sql], options, shell) => (await import('./query-command.ts')).queryCommand(sql, options, shell),
};
