import { byFile, DETECTED, type Mutant, type Status, type Tested } from './mutant.ts';

/** What a run of mutants found. */
export interface Findings {
  /** How it was run: sample, seed, globs. */
  readonly title: string;
  /** Mutants that the files hold, disabled ones left out. */
  readonly found: number;
  readonly tested: readonly Tested[];
  readonly disabled: readonly Mutant[];
}

const MISSED: readonly Status[] = ['Survived', 'NoCoverage', 'RuntimeError'];
const COLUMNS = [
  'mutants',
  'killed',
  'timeout',
  'survived',
  'no coverage',
  'runtime errors',
  'compile errors',
  'score',
];

/** (killed + timeout) / (all − compile errors), from 0 to 1; 1 if nothing is left to detect. */
export function scoreOf(tested: readonly Tested[]): number {
  const valid = tested.filter(({ status }) => status !== 'CompileError');
  return valid.length === 0 ? 1 : valid.filter(({ status }) => DETECTED.includes(status)).length / valid.length;
}

/** The report as Markdown: score, figures per file, what was not detected, what comments disable. */
export function writeReport({ title, found, tested, disabled }: Findings): string {
  const lines = [
    '# Mutants',
    '',
    `${title}; ${tested.length} of ${found} mutants.`,
    '',
    `**${percent(scoreOf(tested))}** = (killed + timeout) / (all - compile errors)`,
    '',
    ...figures(tested, ({ mutant }) => mutant.file),
    '',
    '## Not detected',
    '',
    ...missed(tested),
    '',
    '## Disabled by a comment',
    '',
    ...disabledLines(disabled),
  ];
  return `${lines.join('\n')}\n`;
}

/** `file:line mutators: reason`, one line for each place. */
export function disabledLines(disabled: readonly Mutant[]): string[] {
  const places = byFile(disabled, ({ file, line, disabled: reason }) => `${file}:${line}\0${reason}`);
  const lines = [...places].map(([place, own]) => {
    const [where, reason] = place.split('\0');
    return `- ${where} ${[...new Set(own.map(({ mutator }) => mutator))].join(', ')}: ${reason}`;
  });
  return lines.length > 0 ? lines : ['None.'];
}

/** A table of figures: all mutants, and those of each group. */
export function figures(tested: readonly Tested[], groupOf: (one: Tested) => string): string[] {
  const groups = [...byFile(tested, groupOf)].sort(([a], [b]) => compare(a, b));
  return [
    `| file | ${COLUMNS.join(' | ')} |`,
    `|${'---|'.repeat(COLUMNS.length + 1)}`,
    row('all', tested),
    ...groups.map(([name, own]) => row(name, own)),
  ];
}

/** The mutants that no test detected, by file and place. */
export function missedOf(tested: readonly Tested[]): Tested[] {
  return tested
    .filter(({ status }) => MISSED.includes(status))
    .sort(({ mutant: a }, { mutant: b }) => compare(a.file, b.file) || a.line - b.line || a.column - b.column);
}

/** Code on one line, in backticks; cut if it is longer than `most`. */
export function quoteCode(code: string, most: number): string {
  const line = code.replace(/\s+/g, ' ').replaceAll('`', "'");
  return `\`${line.length > most ? `${line.slice(0, most)} ...` : line}\``;
}

function missed(tested: readonly Tested[]): string[] {
  const lines = missedOf(tested).map(
    ({ mutant: { file, line, column, mutator, replacement }, status }) =>
      `- ${file}:${line}:${column} ${status} ${mutator} ${quoteCode(replacement, 160)}`,
  );
  return lines.length > 0 ? lines : ['None.'];
}

function row(name: string, tested: readonly Tested[]): string {
  const count = (status: Status) => tested.filter((one) => one.status === status).length;
  const counts = (['Killed', 'Timeout', 'Survived', 'NoCoverage', 'RuntimeError', 'CompileError'] as const).map(count);
  const score = count('CompileError') === tested.length ? '' : percent(scoreOf(tested));
  return `| ${[name, tested.length, ...counts, score].join(' | ')} |`;
}

const percent = (part: number) => `${(part * 100).toFixed(2)} %`;
const compare = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0);
