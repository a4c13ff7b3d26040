import { readdirSync, readFileSync } from 'node:fs';

/** A question that a clinic asks, with the query that answers it on both engines. */
export interface Question {
  /** Place in the book, from 1. */
  readonly number: number;
  /** Lower-case words with hyphens, e.g. `answer-rate`. */
  readonly name: string;
  readonly title: string;
  /** How to read the answer. */
  readonly reading: string;
  /** One SELECT over unqualified names of views, without a semicolon. */
  readonly sql: string;
}

/** Folder of the files from this file, and from the built one. */
const FOLDERS = [
  new URL('../schemas/questions/', import.meta.url),
  new URL('../../schemas/questions/', import.meta.url),
];

/** The question book, in its order. @throws Error if the checkout lacks the folder `schemas/questions`, or a file has another form */
export function readQuestions(): readonly Question[] {
  const found = FOLDERS.flatMap((folder) => namesIn(folder).map((file) => ({ folder, file })));
  if (found.length === 0) throw new Error('schemas/questions holds no .sql file; restore it from the repository');
  return found
    .sort((a, b) => (a.file < b.file ? -1 : 1))
    .map(({ folder, file }) => parseQuestion(file, readFileSync(new URL(file, folder), 'utf8')));
}

function namesIn(folder: URL): readonly string[] {
  try {
    return readdirSync(folder).filter((file) => file.endsWith('.sql'));
  } catch {
    return [];
  }
}

/**
 * Reads a file of the book: comment lines with the title and how to read the answer, an empty line, the query.
 * @param file e.g. `03-answer-rate.sql`
 * @throws Error if the file has another form
 */
export function parseQuestion(file: string, text: string): Question {
  const [, number, name] = /^(\d\d)-([a-z][a-z0-9-]*)\.sql$/.exec(file) ?? [];
  const [, head, sql] = /^((?:-- .+\n){2,})\n([^-;][^;]*)\n$/.exec(text) ?? [];
  if (number === undefined || name === undefined || head === undefined || sql === undefined)
    throw new Error(
      `schemas/questions/${file} is not a question; expected a name such as 03-answer-rate.sql, and in it a line "-- title", lines "-- how to read it", an empty line, and one query without a semicolon`,
    );
  const [title = '', ...reading] = head
    .trimEnd()
    .split('\n')
    .map((line) => line.slice('-- '.length));
  return { number: Number(number), name, title, reading: reading.join(' '), sql };
}
