// Runs each generated query by Evidence's own connector. node evidence.cjs FOLDER_OF_PACKAGES PROJECT
const { readFileSync, readdirSync } = require('node:fs');
const { join } = require('node:path');
const { createRequire } = require('node:module');

const [, , packages, project] = process.argv;
const connector = createRequire(join(packages, 'package.json'))('@evidence-dev/duckdb');

async function main() {
  const folder = join(project, 'sources', 'callhouse');
  const [, filename] = /filename: "(.+)"/.exec(readFileSync(join(folder, 'connection.yaml'), 'utf8'));
  const run = await connector.getRunner({ filename }, folder);
  const queries = readdirSync(folder).filter((name) => name.endsWith('.sql'));
  let rows = 0;
  for (const name of queries) {
    const result = await run(readFileSync(join(folder, name), 'utf8'), join(folder, name), 100_000);
    if (!(result.columnTypes?.length > 0)) throw new Error(`${name} has no columns`);
    for await (const batch of result.rows()) rows += batch.length;
  }
  if (queries.length < 15 || rows < 100) throw new Error(`${queries.length} queries, ${rows} rows`);
  console.log(`${queries.length} queries, ${rows} rows`);
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
