import { isBuiltin } from 'node:module';
import { build } from 'esbuild';
import { describe, expect, test } from 'vitest';

const root = new URL('../../', import.meta.url).pathname;

// Bundled with the options of infra/constructs/pipeline-function.ts.
describe.each(['extract', 'load', 'maintain'])('the bundle of the %s Lambda', (part) => {
  test('is at most 2.2 MB and contains everything that it imports except Node modules', {
    timeout: 60_000,
  }, async () => {
    const { outputFiles, metafile } = await build({
      entryPoints: [`functions/aws/lambda/${part}-lambda.ts`],
      absWorkingDir: root,
      bundle: true,
      write: false,
      metafile: true,
      outfile: 'index.mjs',
      platform: 'node',
      format: 'esm',
      target: 'node24',
      mainFields: ['module', 'main'],
      minifySyntax: true,
      minifyWhitespace: true,
    });
    expect(outputFiles[0]?.contents.byteLength).toBeLessThanOrEqual(2_200_000);
    const outside = Object.values(metafile.outputs).flatMap(({ imports }) =>
      imports.filter(({ external }) => external),
    );
    // A name with `node:` is always a module of Node, though an older Node than Lambda's may not have it (node:sqlite).
    const isOfNode = (path: string) => path.startsWith('node:') || isBuiltin(path);
    expect(outside.map(({ path }) => path).filter((path) => !isOfNode(path))).toEqual([]);
    expect(Object.keys(metafile.inputs).filter((file) => /duckdb|aws-cdk|^infra\/|^local\//.test(file))).toEqual([]);
  });
});
