import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { ConfigError } from '../../../functions/errors.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';

/**
 * The statement of a query: the argument, or standard input for `-`, or the file of `--file`. A statement in an argument is shown in
 * the list of processes and in the shell's history, which a number to look for should not be.
 * @throws ConfigError if there is none, or more than one
 */
export async function readStatement(given: string | undefined, options: Options, shell: Shell): Promise<string> {
  const file = readText(options, 'file');
  if (given !== undefined && file !== undefined)
    throw new ConfigError('there is a statement and a --file; expected one of them');
  const sql =
    file !== undefined
      ? await readSql(resolve(shell.cwd, file), file)
      : given === '-'
        ? await shell.readInput()
        : given;
  if (sql !== undefined && sql.trim() !== '') return checkOne(sql);
  throw new ConfigError('the statement is empty; expected a SELECT, - for standard input, or --file');
}

/** Text, quoted names and comments, in which a semicolon ends nothing. */
const QUOTED = /'[^']*'|"[^"]*"|--[^\n]*|\/\*(?:[^*]|\*(?!\/))*\*\//g;

/** DuckDB would run all of several statements and give the result of one alone. */
function checkOne(sql: string): string {
  const [, ...others] = sql.replace(QUOTED, ' ').split(';');
  if (others.every((text) => text.trim() === '')) return sql;
  throw new ConfigError('there are several statements, but a query shows the result of one; expected one SELECT');
}

async function readSql(path: string, name: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? 'unknown';
    throw new ConfigError(`--file ${name} cannot be read (${code}); expected a file with one SELECT`);
  }
}
