import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { databaseTablesOf } from '../../../schemas/derive/database-tables.ts';
import { type FieldIds, guessFieldIds } from '../../../schemas/derive/field-ids.ts';
import { ownCommand } from '../../console/own-command.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';
import { findCheckout } from './checkout.ts';
import { guessCalls } from './guess-calls.ts';
import { guessColumns } from './guess-columns.ts';
import { readSample, type Sample, USUAL_PAGING } from './read-sample.ts';
import { sourceFile } from './write-source.ts';
import { type NewTable, NO_SAMPLE, startOf, tableFile, tableOf } from './write-table.ts';

/** `callhouse new-source`: writes the two files of a source. */
export async function newSourceCommand(args: readonly string[], options: Options, shell: Shell): Promise<ExitCode> {
  const checkout = findCheckout();
  if (!checkout)
    throw new ConfigError(
      'new-source writes into the checkout of Callhouse, and this program is not in one; run it there',
    );
  const from = readText(options, 'from');
  const name = args[0] ?? '';
  const sample = from === undefined ? undefined : await openSample(resolve(shell.cwd, from), from);
  const made = await newSource({ root: checkout.root, name, sample });
  const command = ownCommand(shell.cwd);
  shell.out.write(
    [
      ...made.files.map((file) => `wrote ${file}`),
      `${made.columns} columns, ${made.sensitive} of them sensitive until you say otherwise`,
      ...made.missing,
      '',
      'Next (docs/adding-a-source.md explains each):',
      '  1. compare both files with the document of the vendor',
      `  2. npm run build && ${command} check-source ${name}`,
      `  3. set the credentials, then ${command} check-source ${name} --online`,
      '  4. npm run pin',
      '',
    ].join('\n'),
  );
  return 0;
}

/** What a new source is made of. */
export interface NewSourceOptions {
  /** Folder of the checkout. */
  readonly root: string;
  readonly name: string;
  readonly sample: Sample | undefined;
}

/** What was written. */
export interface WrittenSource {
  /** Paths below the checkout. */
  readonly files: readonly string[];
  readonly columns: number;
  readonly sensitive: number;
  /** What could not be guessed, in sentences. */
  readonly missing: readonly string[];
}

/** Writes the files of a source and pins the ids of its fields. @throws ConfigError if there is a file already, or no key */
export async function newSource({ root, name, sample }: NewSourceOptions): Promise<WrittenSource> {
  if (!/^[a-z][a-z0-9_]{0,30}$/.test(name))
    throw new ConfigError(
      `${JSON.stringify(name)} is not a name of a source; expected a lower-case letter, then at most 30 letters, digits and _, such as acme`,
    );
  const table: NewTable = { source: name, ...(sample ? columnsOf(sample) : NO_SAMPLE) };
  const files = [
    [`schemas/tables/${name}.ts`, tableFile(table)],
    [`functions/sources/${name}.ts`, sourceFile(table, sample ?? { records: [], list: 'data', paging: USUAL_PAGING })],
  ] as const;
  const pinned = await pinnedIds(root, table);
  for (const [file] of files) await refuseExisting(root, file);
  await writeAll(root, files);
  await writeFile(join(root, FIELD_IDS), pinned);
  const { columns } = table;
  return {
    files: [...files.map(([file]) => file), FIELD_IDS],
    columns: columns.length,
    sensitive: columns.filter((column) => column.sensitive !== false).length,
    missing: sample ? [...missingIn(table)] : [],
  };
}

function* missingIn(table: NewTable): Iterable<string> {
  if (!startOf(table))
    yield 'not guessed: when a call starts; without a time in calls.started_at, the view calls leaves the table out';
  if (!table.callerNumber && table.columns.some(({ hash }) => hash === 'phone'))
    yield "not guessed: callerNumber, the column with the caller's number; without it nobody is known to call again";
}

/** Writes all files or none, so that nothing of a failed attempt stops the next one. @throws ConfigError if one cannot be written */
async function writeAll(root: string, files: readonly (readonly [file: string, text: string])[]): Promise<void> {
  const written: string[] = [];
  try {
    for (const [file, text] of files) {
      await writeFile(join(root, file), text, { flag: 'wx' });
      written.push(file);
    }
  } catch (error) {
    for (const file of written) await rm(join(root, file), { force: true });
    const { code = 'unknown' } = error as NodeJS.ErrnoException;
    throw new ConfigError(
      `${files[written.length]?.[0]} cannot be written (${code}), and nothing was; make its folder writable, then try again`,
    );
  }
}

function columnsOf({ records, list }: Sample): Omit<NewTable, 'source'> {
  const { columns, key } = guessColumns(records);
  if (key !== undefined) return { key, ...guessCalls(columns, records) };
  const names = columns.map(({ path }) => path).join(', ');
  throw new ConfigError(
    `no field of ${list === '.' ? 'the sample' : `the list ${list} of the sample`} identifies a record (${names}); expected one that ends in id, is in each record, and differs in each`,
  );
}

async function refuseExisting(root: string, file: string): Promise<void> {
  const isThere = await readFile(join(root, file)).then(
    () => true,
    () => false,
  );
  if (isThere)
    throw new ConfigError(`${file} exists already and is not overwritten; remove it, or choose another name`);
}

const FIELD_IDS = 'schemas/field-ids.json';

/** Text of the file with the ids of all fields. Those of a guessed table may change until it is deployed. */
async function pinnedIds(root: string, table: NewTable): Promise<string> {
  const known = JSON.parse(await readFile(join(root, FIELD_IDS), 'utf8')) as FieldIds;
  const pinned = guessFieldIds(known, databaseTablesOf([tableOf(table)]));
  return `${JSON.stringify(pinned, undefined, 2)}\n`;
}

/** Reads a saved answer. @throws ConfigError if it cannot be read, or has no record */
export async function openSample(file: string, given: string): Promise<Sample> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    throw new ConfigError(`${given} cannot be read (${error.code}); expected an answer of the vendor, saved as JSON`);
  });
  // PowerShell saves what a command prints as UTF-16.
  const isUtf16 = bytes[0] === 0xff && bytes[1] === 0xfe;
  return readSample(new TextDecoder(isUtf16 ? 'utf-16le' : 'utf-8').decode(bytes), given);
}
