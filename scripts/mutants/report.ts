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
    '| file | mutants | killed | timeout | survived | no coverage | runtime errors | compile errors | score |',
    '|---|---|---|---|---|---|---|---|---|',
    row('all', tested),
    ...[...byFile(tested, ({ mutant }) => mutant.file)]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([file, own]) => row(file, own)),
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

function missed(tested: readonly Tested[]): string[] {
  const lines = tested
    .filter(({ status }) => MISSED.includes(status))
    .sort(
      (a, b) =>
        compare(a.mutant.file, b.mutant.file) || a.mutant.line - b.mutant.line || a.mutant.column - b.mutant.column,
    )
    .map(({ mutant: { file, line, column, mutator, replacement }, status }) => {
      const code = replacement.replace(/\s+/g, ' ').replaceAll('`', "'");
      return `- ${file}:${line}:${column} ${status} ${mutator} \`${code.length > 160 ? `${code.slice(0, 160)} ...` : code}\``;
    });
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
