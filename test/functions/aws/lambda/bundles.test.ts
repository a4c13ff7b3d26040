import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { sourceNames } from '../../../../functions/source/registry.ts';
import { bundleLambda } from '../../../helpers/bundle-lambda.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const run = promisify(execFile);
const MOST_BYTES = 2_000_000;

describe.each(['extract', 'load', 'maintain'])('the %s bundle', (part) => {
  test('is small, contains every source, and needs no other file to run', { timeout: 30_000 }, async () => {
    const outfile = join(await temporaryFolder(), 'index.mjs');
    const { bytes, inputs } = await bundleLambda(part, outfile);
    expect(bytes).toBeGreaterThan(0);
    expect(bytes).toBeLessThan(MOST_BYTES);
    for (const name of await sourceNames()) expect(inputs).toContain(`functions/sources/${name}.ts`);
    expect(inputs.filter((input) => /duckdb|aws-cdk|^local\//.test(input))).toEqual([]);
    const script = `const { handler } = await import(${JSON.stringify(outfile)});
      await handler({}, { awsRequestId: 'x', getRemainingTimeInMillis: () => 1000 }).catch((error) => console.log(error.message));`;
    const file = `${outfile}.run.mjs`;
    await writeFile(file, script);
    const { stdout } = await run(process.execPath, [file], { env: { PATH: process.env['PATH'] ?? '' } });
    expect(stdout).toContain('CALLHOUSE_STAGE is not set; CALLHOUSE_BUCKET is not set');
  });
});
