import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { DETECTED, type Mutant, type Status } from './mutant.ts';

/** A mutant that is to be tested, with the hash of its file's text. */
export interface Wanted {
  readonly key: string;
  readonly hash: string;
}

/** The mutants with the hashes of their files. */
export function wantedOf(root: string, mutants: readonly Mutant[]): Wanted[] {
  const hashes = new Map<string, string>();
  const hashOf = (file: string) => {
    const known =
      hashes.get(file) ??
      createHash('sha256')
        .update(readFileSync(join(root, file)))
        .digest('hex')
        .slice(0, 16);
    hashes.set(file, known);
    return known;
  };
  return mutants.map(({ key, file }) => ({ key, hash: hashOf(file) }));
}

/** What a journal holds of the wanted mutants whose files are as they were: status by key. A line that was cut off counts for nothing. */
export function readJournal(journal: string, wanted: readonly Wanted[]): Map<string, Status> {
  if (!existsSync(journal)) return new Map();
  const hashes = new Map(wanted.map(({ key, hash }) => [key, hash]));
  const lines = readFileSync(journal, 'utf8').split('\n').flatMap(parseLine);
  return new Map(lines.filter(({ key, hash }) => hashes.get(key) === hash).map(({ key, status }) => [key, status]));
}

/** Takes the mutants out of a journal that no test detected. */
export async function forgetMissed(journal: string): Promise<void> {
  if (!existsSync(journal)) return;
  const lines = readFileSync(journal, 'utf8').split('\n');
  const kept = lines.filter((line) => parseLine(line).some(({ status }) => DETECTED.includes(status)));
  await writeFile(journal, kept.map((line) => `${line}\n`).join(''));
}

function parseLine(line: string): (Wanted & { readonly status: Status })[] {
  try {
    return [JSON.parse(line) as Wanted & { readonly status: Status }];
  } catch {
    return [];
  }
}
