import { spawnSync } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const SCRIPT = 'scripts/lint-layers.mjs';

async function lint(files: Readonly<Record<string, string>>) {
  const root = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    await mkdir(dirname(join(root, name)), { recursive: true });
    await writeFile(join(root, name), text);
  }
  const { status, stderr } = spawnSync(process.execPath, [SCRIPT, root], { encoding: 'utf8' });
  return { status, problems: stderr.split('\n').filter(Boolean) };
}

describe('lint-layers', () => {
  test('finds nothing in this repository', () => {
    expect(spawnSync(process.execPath, [SCRIPT], { encoding: 'utf8' })).toMatchObject({ status: 0, stderr: '' });
  });

  test.each([
    ['schemas/a.ts', "import { x } from '../functions/x.ts';", 'schemas/ imports zod and itself only'],
    ['schemas/a.ts', "import type { X } from 'node:fs';", 'schemas/ imports zod and itself only'],
    ['schemas/tables/a.ts', "export { x } from '../../local/x.ts';", 'schemas/ imports zod and itself only'],
    ['functions/a.ts', "import {\n  x,\n  y,\n} from '../local/x.ts';", 'functions/ never imports local/ or infra/'],
    ['functions/load/a.ts', "await import('../../infra/app.ts');", 'functions/ never imports local/ or infra/'],
    ['functions/a.ts', "import '../local/simulators/start.ts';", 'functions/ never imports local/ or infra/'],
    [
      'infra/a.ts',
      "import { h } from '../functions/handlers/extract.ts';",
      'infra/ reads sources and tables, never handlers',
    ],
    [
      'local/simulators/a.ts',
      "import { x } from '../../schemas/x.ts';",
      'local/simulators/ never imports schemas/ or functions/',
    ],
    [
      'local/simulators/a.ts',
      "import { x } from '../../functions/x.ts';",
      'local/simulators/ never imports schemas/ or functions/',
    ],
    ['functions/load/a.ts', "import { S3 } from '@aws-sdk/client-s3';", 'import @aws-* packages'],
    ['local/a.ts', "import { Logger } from '@aws-lambda-powertools/logger';", 'import @aws-* packages'],
    ['functions/handlers/a.ts', "import { s3Store } from '../aws/s3-store.ts';", 'import functions/aws/'],
  ])('refuses in %s: %s', async (name, statement, rule) => {
    const { status, problems } = await lint({ [name]: `// First line.\n${statement}\n` });
    expect(status).toBe(1);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toContain(rule);
    expect(problems[0]).toMatch(new RegExp(`^${name}:[2-5]: imports `));
  });

  test('names the line of the import', async () => {
    const { problems } = await lint({
      'functions/a.ts': "import { a } from './b.ts';\n\nimport {\n  x,\n} from '../local/x.ts';\n",
    });
    expect(problems).toEqual(['functions/a.ts:5: imports ../local/x.ts; functions/ never imports local/ or infra/']);
  });

  test('lets through what the arrows allow', async () => {
    const allowed = {
      'schemas/a.ts': "import * as z from 'zod';\nimport { b } from './tables/b.ts';\n",
      'functions/a.ts':
        "import { a } from '../schemas/a.ts';\nimport { open } from 'node:fs/promises';\n// Not from '../local/x.ts';\n",
      'functions/aws/s3.ts': "import { S3 } from '@aws-sdk/client-s3';\n",
      'functions/lambda.ts':
        "import { s3 } from './aws/s3.ts';\nimport { Logger } from '@aws-lambda-powertools/logger';\n",
      'local/a.ts': "import { a } from '../functions/a.ts';\nimport { b } from './simulators/b.ts';\n",
      'local/simulators/b.ts': "import { c } from './c.ts';\n",
      'infra/a.ts': "import { a } from '../functions/sources/a.ts';\nimport { Stack } from 'aws-cdk-lib';\n",
      'test/a.ts': "import { S3 } from '@aws-sdk/client-s3';\n",
    };
    expect(await lint(allowed)).toEqual({ status: 0, problems: [] });
  });
});
