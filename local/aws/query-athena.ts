import { athenaEngine } from '../../functions/aws/athena/athena-engine.ts';
import { workgroupName } from '../../functions/aws/names.ts';
import { SqlError } from '../../functions/errors.ts';
import type { QueryResult } from '../../functions/ports.ts';
import type { Options } from '../commands/command.ts';
import { readText } from '../commands/read-option.ts';
import type { Shell } from '../console/shell.ts';
import { readStage } from './stage.ts';
import { isReading } from './statement-type.ts';

/** Runs one statement on Athena, in the readers' workgroup. Prints the scanned bytes, which cost money, to stderr. */
export async function queryAthena(sql: string, options: Options, shell: Shell): Promise<QueryResult> {
  const statement = withoutEnd(sql);
  if (!isReading(statement)) {
    throw new SqlError('callhouse query only reads; expected SELECT, WITH, VALUES, SHOW, DESCRIBE or EXPLAIN');
  }
  const { name, databasePrefix, region } = await readStage(options, shell);
  const workgroup = readText(options, 'workgroup') ?? workgroupName(name, 'bi');
  const engine = athenaEngine({ workgroup, databasePrefix, client: { region }, signal: shell.signal });
  try {
    const result = await engine.query(statement);
    shell.err.write(`Athena scanned ${describeBytes(result.scannedBytes ?? 0)}\n`);
    return result;
  } finally {
    await engine.close();
  }
}

/** Not every version of Athena accepts a semicolon at the end of a statement. */
function withoutEnd(sql: string): string {
  return sql.replace(/(?<![\s;])[\s;]+$/, '');
}

/** `1,234,567 bytes (1.2 MB)` */
function describeBytes(bytes: number): string {
  const exact = `${bytes.toLocaleString('en-US')} bytes`;
  const units = ['kB', 'MB', 'GB', 'TB'] as const;
  const power = Math.min(units.length, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  return power === 0 ? exact : `${exact} (${(bytes / 1000 ** power).toFixed(1)} ${units[power - 1]})`;
}
