import { readFile, writeFile } from 'node:fs/promises';
import { tablesOf } from '../functions/load/plan.ts';
import { listSources } from '../functions/source/registry.ts';
import { databaseTablesOf } from '../schemas/derive/database-tables.ts';
import { addFieldIds, type FieldIds } from '../schemas/derive/field-ids.ts';

// Gives every new field of the Iceberg tables an id, once and for all: `npm run pin`. To rename a column, rename its
// key in the list; to drop one, leave it there.
const file = new URL('../schemas/field-ids.json', import.meta.url);
const known = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as FieldIds;
const sources = await listSources().catch(({ message }: Error) => {
  // The message says which field of a declaration is wrong; a stack would only hide it.
  console.error(message);
  process.exit(2);
});
const pinned = addFieldIds(known, databaseTablesOf(tablesOf(sources)));
await writeFile(file, `${JSON.stringify(pinned, undefined, 2)}\n`);
