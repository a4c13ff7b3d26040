import type { QueryResult } from '../../functions/ports.ts';
import type { Question } from '../../functions/questions.ts';

/** What the answers on the page rest on. */
export interface Asked {
  readonly question: Question;
  readonly answer: QueryResult;
}

/** Text of `docs/questions.md`. */
export function questionsPage(asked: readonly Asked[]): string {
  const contents = asked.map(({ question: { number, title, name } }) => `${number}. [${title}](#${name})`);
  return `${[INTRODUCTION, contents.join('\n'), ...asked.map(section)].join('\n\n')}\n`;
}

const INTRODUCTION = `# Questions

Written by \`npx vitest run test/local/cli/readme-commands.test.ts -u\` from the files in \`schemas/questions/\`; do not edit.

What a clinic asks, with a query that gives the answer on DuckDB and on Athena alike. Ask a question by its name, or take its query and change it:

    npx callhouse query --questions                        # the list
    npx callhouse query --question last-week
    npx callhouse query --question last-week --athena      # on AWS; Athena's query editor lists them as saved queries

The answers below are those that you see after \`npm start\`, with \`--data-dir data/demo\`. Days count from what was read, never from the day on which you ask.
Instants are in UTC. Null, shown as –, means that no vendor says. [data-dictionary.md](data-dictionary.md) explains every column.`;

function section({ question: { number, name, title, reading, sql }, answer }: Asked): string {
  return [
    `<a id="${name}"></a>\n\n## ${number}. ${title}`,
    reading,
    `\`\`\`sql\n-- callhouse query --question ${name}\n${sql}\n\`\`\``,
    table(answer),
  ].join('\n\n');
}

function table({ columns, rows }: QueryResult): string {
  if (rows.length === 0) return 'The demo has no such rows.';
  const isNumeric = columns.map((_, n) => rows.some((row) => typeof row[n] === 'number'));
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`;
  const rule = isNumeric.map((numeric) => (numeric ? '---:' : '---'));
  return [line(columns), line(rule), ...rows.map((row) => line(row.map(show)))].join('\n');
}

/** Four digits of a number that is not an integer: sums of doubles differ in their last digits. */
function show(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (value instanceof Date) return value.toISOString().slice(0, 16).replace('T', ' ');
  if (typeof value === 'number') return String(Number.isInteger(value) ? value : Number(value.toPrecision(4)));
  return String(value).replaceAll('|', '\\|');
}
