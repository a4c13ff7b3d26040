import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, test } from 'vitest';

const SCHEMAS = 'schemas/ imports zod and itself only';
const FUNCTIONS = 'functions/ imports schemas/ and itself, never local/, infra/, test/ or scripts/';
const HANDLERS = 'infra/ reads sources and tables, never handlers';
const SIMULATORS = 'local/simulators/ never imports schemas/ or functions/';
const PACKAGES = 'only functions/aws/ and functions/lambda.ts import @aws-* packages';
const AWS = 'only functions/aws/, functions/lambda.ts, infra/ and local/ import functions/aws/';
const BELOW = 'functions/lake/ and functions/source/ know nothing of functions/extract/';
const ORACLE = 'the oracle shares no code with what it checks';

const REFUSED = [
  ['schemas', "import { x } from '../functions/x.ts';", SCHEMAS],
  ['schemas', "import config from '../callhouse.config.ts';", SCHEMAS],
  ['schemas', "import type { X } from 'node:fs';", SCHEMAS],
  ['schemas', "import x from 'hyparquet';", SCHEMAS],
  ['schemas', "import { S3 } from '@aws-sdk/client-s3';", SCHEMAS],
  ['schemas/tables', "export { x } from '../../local/x.ts';", SCHEMAS],
  ['schemas/tables', "import { x } from '../../functions/x.ts';", SCHEMAS],
  ['functions', "import {\n  x,\n  y,\n} from '../local/x.ts';", FUNCTIONS],
  ['functions', "import '../local/simulators/start.ts';", FUNCTIONS],
  ['functions', "const x = require('../local/x.ts');", 'lint/style/noCommonJs'],
  ['functions/load', "await import('../../infra/app.ts');", FUNCTIONS],
  ['functions/load', 'await import(`../../infra/app.ts`);', 'lint/style/noUnusedTemplateLiteral'],
  ['functions/aws', "import { x } from '../../local/x.ts';", FUNCTIONS],
  ['functions/extract', "import { x } from '../../test/helpers/x.ts';", FUNCTIONS],
  ['functions/load', "import { S3 } from '@aws-sdk/client-s3';", PACKAGES],
  ['infra', "import { S3 } from '@aws-sdk/client-s3';", PACKAGES],
  ['local', "import { Logger } from '@aws-lambda-powertools/logger';", PACKAGES],
  ['local/simulators', "import { S3 } from '@aws-sdk/client-s3';", PACKAGES],
  ['functions/handlers', "import { s3Store } from '../aws/s3-store.ts';", AWS],
  ['functions', "import { s3Store } from './aws/s3-store.ts';", AWS],
  ['functions/lake', "import { plan } from '../extract/plan.ts';", BELOW],
  ['functions/source', "import { plan } from '../extract/plan.ts';", BELOW],
  ['functions/lake', "import { x } from '../../local/x.ts';", FUNCTIONS],
  ['functions/source', "import { s3Store } from '../aws/s3-store.ts';", AWS],
  ['infra', "import { h } from '../functions/handlers/extract.ts';", HANDLERS],
  ['infra/constructs', "import { h } from '../../functions/lambda.ts';", HANDLERS],
  ['local/simulators', "import { x } from '../../schemas/x.ts';", SIMULATORS],
  ['local/simulators', "import { x } from '../../functions/x.ts';", SIMULATORS],
  ['test/helpers/oracle', "import { x } from '../../../functions/x.ts';", ORACLE],
] as const;

const ALLOWED = [
  ['schemas/one.ts', "import * as z from 'zod';\nimport { b } from './tables/b.ts';"],
  ['schemas/derive/one.ts', "import { a } from '../value.ts';\nimport { b } from './b.ts';"],
  ['functions/one.ts', "import { a } from '../schemas/a.ts';\nimport { open } from 'node:fs/promises';"],
  ['functions/two.ts', "// Not from '../local/x.ts';"],
  ['functions/extract/one.ts', "import { a } from '../lake/a.ts';\nimport { b } from '../../schemas/derive/b.ts';"],
  ['functions/aws/s3.ts', "import { S3 } from '@aws-sdk/client-s3';\nimport { b } from '../ports.ts';"],
  ['functions/lambda.ts', "import { s3 } from './aws/s3.ts';\nimport { L } from '@aws-lambda-powertools/logger';"],
  ['local/one.ts', "import { a } from '../functions/aws/a.ts';\nimport { b } from './simulators/b.ts';"],
  ['local/simulators/one.ts', "import { c } from './c.ts';"],
  ['infra/one.ts', "import { a } from '../functions/sources/a.ts';\nimport { Stack } from 'aws-cdk-lib';"],
  ['test/one.ts', "import { S3 } from '@aws-sdk/client-s3';\nimport { x } from '../local/x.ts';"],
] as const;

/** The last two keep an import from being written so that the first does not see it. */
const RULES = ['noRestrictedImports', 'noCommonJs', 'noUnusedTemplateLiteral'];

interface Problem {
  readonly location: { readonly path: string; readonly start: { readonly line: number } };
  readonly message: string;
}

/** What Biome says of imports, with this repository's biome.json, by file. */
async function lint(files: Readonly<Record<string, string>>): Promise<ReadonlyMap<string, Problem>> {
  const root = await mkdtemp(join(tmpdir(), 'callhouse-'));
  const config = JSON.parse(await readFile('biome.json', 'utf8')) as Record<string, unknown>;
  const own = { ...config, $schema: undefined, vcs: { enabled: false } };
  for (const [name, text] of Object.entries({ ...files, 'biome.json': JSON.stringify(own) })) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), `${text}\n`);
  }
  const args = [
    'lint',
    ...RULES.map((rule) => `--only=style/${rule}`),
    '--reporter=json',
    '--max-diagnostics=none',
    '.',
  ];
  const biome = resolve('node_modules/@biomejs/biome/bin/biome');
  const run = promisify(execFile)(process.execPath, [biome, ...args], { cwd: root });
  const { stdout } = await run.catch((error: { readonly stdout: string }) => error);
  const { diagnostics } = JSON.parse(stdout) as { readonly diagnostics: readonly Problem[] };
  return new Map(diagnostics.map((problem) => [problem.location.path, problem]));
}

describe('layers', () => {
  let problems: ReadonlyMap<string, Problem>;
  const nameOf = (index: number) => `${REFUSED[index]?.[0]}/refused-${index}.ts`;

  beforeAll(async () => {
    const refused = REFUSED.map(([, statement], index) => [nameOf(index), `// First line.\n${statement}`] as const);
    problems = await lint({ ...Object.fromEntries(refused), ...Object.fromEntries(ALLOWED) });
  });

  test.each(REFUSED.map((row, index) => [...row, index] as const))('in %s refuse %s', (_folder, _text, says, index) => {
    const problem = problems.get(nameOf(index));
    expect(JSON.stringify(problem)).toContain(says);
    expect(problem?.location.start.line).toBeGreaterThan(1);
  });

  test.each(ALLOWED)('let through what %s imports', (name) => {
    expect(problems.get(name)).toBeUndefined();
  });
});
