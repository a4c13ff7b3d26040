import { build } from 'esbuild';

/** Bundles a Lambda as infra/constructs/pipeline-function.ts has it made. @returns its bytes, and the files that it contains */
export async function bundleLambda(part: string, outfile: string) {
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
  return { bytes: Object.values(metafile.outputs)[0]?.bytes ?? 0, inputs: Object.keys(metafile.inputs) };
}
