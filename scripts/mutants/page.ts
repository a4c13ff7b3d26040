import { readFile } from 'node:fs/promises';
import { byFile, type Tested } from './mutant.ts';
import { disabledLines, type Findings, figures, missedOf, quoteCode, scoreOf } from './report.ts';

/** Why nothing detects a change; written by hand. */
export interface Reason {
  readonly file: string;
  /** The code that the mutant replaces, and the code that it writes. White space is one space each. */
  readonly code: string;
  readonly by: string;
  readonly why: string;
}

const REASONS = new URL('./reasons.json', import.meta.url);
const UNKNOWN = 'not tested yet';

/** The compact report that is kept in the repository: figures by folder, and each survivor with the reason why it is left. */
export async function writePage(findings: Findings): Promise<string> {
  const reasons = JSON.parse(await readFile(REASONS, 'utf8')) as readonly Reason[];
  return pageText(findings, reasons, new Date());
}

/** @param at when the run ended; the page says the day */
export function pageText({ title, found, tested, disabled }: Findings, reasons: readonly Reason[], at: Date): string {
  const missed = missedOf(tested).map((one) => ({ ...one, why: reasonOf(one, reasons) }));
  const unknown = missed.filter(({ why }) => why === UNKNOWN).length;
  const lines = [
    '# Mutants that survive',
    '',
    `Written by \`npm run mutants\` ([CONTRIBUTING.md](../CONTRIBUTING.md#mutants)) on ${at.toISOString().slice(0, 10)}: ${title}; ${tested.length} of ${found} mutants.`,
    'Lines are those of that day. The reasons are in `scripts/mutants/reasons.json`.',
    '',
    `**${(scoreOf(tested) * 100).toFixed(2)} %** = (killed + timeout) / (all - compile errors)`,
    '',
    ...figures(tested, ({ mutant: { file } }) => file.split('/').slice(0, 3).filter(isFolder).join('/')),
    '',
    `## The ${missed.length} that no test detects`,
    '',
    `${missed.length - unknown} have a reason; ${unknown} are not tested yet.`,
    '',
    '| line | code | changed to | reason |',
    '|---|---|---|---|',
  ];
  for (const [file, own] of byFile(missed, ({ mutant }) => mutant.file)) {
    lines.push(`| **${file}** | | | |`);
    for (const { mutant, why } of own) {
      const cells = [quoteCode(mutant.code, 90), quoteCode(mutant.replacement, 90), why];
      lines.push(`| ${mutant.line} | ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`);
    }
  }
  lines.push('', '## Disabled by a comment', '', ...disabledLines(disabled));
  return `${lines.join('\n')}\n`;
}

function reasonOf({ mutant: { file, code, replacement } }: Tested, reasons: readonly Reason[]): string {
  const [from, to] = [code, replacement].map(oneLine);
  return reasons.find((own) => own.file === file && own.code === from && own.by === to)?.why ?? UNKNOWN;
}

const oneLine = (code: string) => code.replace(/\s+/g, ' ');
const isFolder = (name: string) => !name.endsWith('.ts');
