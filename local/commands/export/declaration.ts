import { CONFIG, type CommandDeclaration, DATA_DIR, WAREHOUSE } from '../command.ts';

/** `callhouse export` */
export const exportTables: CommandDeclaration = {
  name: 'export',
  doc: 'Write tables and views to a DuckDB file, or to a folder of Parquet or CSV files, without health data unless --phi is given.',
  examples: [
    ['callhouse export calls.duckdb', 'one file for any DuckDB client'],
    ['callhouse export /srv/bi --format parquet', 'one file per table and view'],
    ['callhouse export all.duckdb --phi', 'also callhouse_phi, which holds health data'],
    ['callhouse export ./dbt --for dbt', 'a dbt project with sources, descriptions and tests'],
  ],
  arguments: [['<path>', 'the file, or for Parquet and CSV the folder; files of the same names are replaced']],
  options: [
    { flags: '--format <format>', doc: 'duckdb, parquet or csv', default: 'duckdb' },
    { flags: '--phi', doc: 'write callhouse_phi too, which holds health data' },
    { flags: '--for <program>', doc: 'dbt, superset or evidence: write files that describe the tables to it, no data' },
    DATA_DIR,
    WAREHOUSE,
    CONFIG,
  ],
  act: async ([path = ''], options, shell) => (await import('./export-command.ts')).exportCommand(path, options, shell),
};
