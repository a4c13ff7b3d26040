import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';
import { sourceNames } from '../../../../functions/source/registry.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const run = promisify(execFile);
const MOST_BYTES = 2_000_000;

/** As infra/constructs/pipeline-function.ts has it made. */
async function bundle(part: string) {
  const outfile = join(await temporaryFolder(), 'index.mjs');
  const { metafile } = await build({
    entryPoints: [`functions/aws/lambda/${part}-lambda.ts`],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
    metafile: true,
    logLevel: 'error',
  });
  return { outfile, bytes: Object.values(metafile.outputs)[0]?.bytes ?? 0, inputs: Object.keys(metafile.inputs) };
}

describe.each(['extract', 'load', 'maintain'])('the %s bundle', (part) => {
  test('is small, contains every source, and needs no other file to run', { timeout: 30_000 }, async () => {
    const { outfile, bytes, inputs } = await bundle(part);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(MOST_BYTES);
    for (const name of await sourceNames()) expect(inputs).toContain(`functions/sources/${name}.ts`);
    expect(inputs.filter((input) => /duckdb|aws-cdk|^local\//.test(input))).toEqual([]);
    const script = `const { handler } = await import(${JSON.stringify(outfile)});
      await handler({}, { getRemainingTimeInMillis: () => 1000 }).catch((error) => console.log(error.message));`;
    const file = `${outfile}.run.mjs`;
    await writeFile(file, script);
    const { stdout } = await run(process.execPath, [file], { env: { PATH: process.env['PATH'] ?? '' } });
    expect(stdout).toContain('CALLHOUSE_STAGE is not set; CALLHOUSE_BUCKET is not set');
  });
});
