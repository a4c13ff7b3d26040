// Gives every generated statement to Trino's own parser: `npx tsx test/engines/trino-grammar/check.mts`. No server; Java 17 and,
// the first time, Maven (5 MB). What Athena alone reads is held to its forms by test/schemas/functions-allowed.test.ts.
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { allStatements } from '../../helpers/all-statements.ts';

/** What DuckDB takes and Trino does not: if one passed, the check would check nothing. */
const REFUSED = [
  'SELECT a FROM t QUALIFY row_number() OVER (PARTITION BY a ORDER BY b) = 1',
  'SELECT a::varchar FROM t',
  "SELECT a->>'$.b' FROM t",
  'SELECT * EXCLUDE (a) FROM t',
  'CREATE TABLE t (a double[])',
];

const folder = new URL('.', import.meta.url).pathname;
const jars = join(process.env['CALLHOUSE_CACHE'] ?? join(homedir(), '.cache', 'callhouse'), 'trino-parser-435');
if (!existsSync(join(jars, 'trino-parser-435.jar'))) {
  const goal = ['-q', '-B', '-f', join(folder, 'pom.xml'), 'dependency:copy-dependencies', `-DoutputDirectory=${jars}`];
  if (spawnSync('mvn', [...goal, '-DincludeScope=runtime'], { stdio: 'inherit' }).status !== 0) {
    console.log('SKIPPED test:grammar Maven could not fetch trino-parser 435');
    process.exit(0);
  }
}

function check(statements: readonly string[]) {
  const java = ['-cp', join(jars, '*'), join(folder, 'CheckStatements.java')];
  const { status, stdout, stderr } = spawnSync('java', java, { input: statements.join('\0'), encoding: 'utf8' });
  if (status !== 0 && status !== 1) throw new Error(`the parser did not run: ${stderr}`);
  return stdout
    .split('\n')
    .filter(Boolean)
    .map((line) => line.split('\t'));
}

const began = Date.now();
const statements = (await allStatements()).filter(({ grammar }) => grammar === 'trino');
const found = check([...statements.map(({ sql }) => sql), ...REFUSED]);
const wrong = found.filter(([number]) => Number(number) < statements.length);
for (const [number, message] of wrong) console.error(`${statements[Number(number)]?.name}: ${message}`);
const blind = found.length - wrong.length !== REFUSED.length;
if (blind) console.error('statements that only DuckDB reads were let through');
console.log(`${statements.length} statements, ${wrong.length} refused, in ${Date.now() - began} ms`);
process.exitCode = wrong.length > 0 || blind ? 1 : 0;
