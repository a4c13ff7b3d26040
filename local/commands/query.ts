import { type CommandDeclaration, DATA_DIR } from './command.ts';

/** `callhouse query` */
export const query: CommandDeclaration = {
  name: 'query',
  doc: 'Ask the warehouse; nothing can be changed by it.',
  examples: [
    ['callhouse query "select source, count(*) from calls group by 1"', 'calls of each vendor'],
    ['callhouse query "select * from calls_daily order by date" --format csv > daily.csv', 'a file for a spreadsheet'],
    ['callhouse query "from freshness" --format json', 'an array of objects'],
  ],
  arguments: [['<sql>', 'one SELECT in the SQL of DuckDB']],
  options: [DATA_DIR, { flags: '--format <format>', doc: 'table, csv or json', default: 'table' }],
  act: async ([sql = ''], options, shell) => (await import('../query-command.ts')).queryCommand(sql, options, shell),
};
