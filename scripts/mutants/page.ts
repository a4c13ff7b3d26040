import { readFile } from 'node:fs/promises';
import { byFile, type Tested } from './mutant.ts';
import { disabledLines, type Findings, figures, missedOf, quoteCode, scoreOf } from './report.ts';

/** Why nothing detects a change; written by hand. */
export interface Reason {
  readonly file: string;
  /** The code that the mutant replaces, and the code that it writes. White space is one space each. */
  readonly code: string;
  readonly by: string;
  /** Where a file has the change more than once: the line of that day. */
  readonly line?: number;
  readonly why: string;
}

/** An earlier sample; written by hand, with its day. */
export interface EarlierSample {
  /** `YYYY-MM-DD` and the commit. */
  readonly at: string;
  /** Options of `npm run mutants`. */
  readonly options: string;
  /** Mutants without type errors. */
  readonly mutants: number;
  readonly score: string;
  readonly note: string;
}

/** What `reasons.json` holds. */
export interface WrittenByHand {
  readonly samples: readonly EarlierSample[];
  readonly reasons: readonly Reason[];
}

const BY_HAND = new URL('./reasons.json', import.meta.url);
const UNKNOWN = 'not tested yet';

/** The compact report that is kept in the repository: figures by folder, and each survivor with the reason why it is left. */
export async function writePage(findings: Findings): Promise<string> {
  return pageText(findings, JSON.parse(await readFile(BY_HAND, 'utf8')) as WrittenByHand, new Date());
}

/** @param at when the run ended; the page says the day */
export function pageText(
  { title, found, tested, disabled }: Findings,
  { samples, reasons }: WrittenByHand,
  at: Date,
): string {
  const missed = missedOf(tested).map((one) => ({ ...one, why: reasonOf(one, reasons) }));
  const kinds = [...byFile(missed, ({ why }) => why.split(/[:,(]/, 1)[0]?.trim() ?? '')];
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
    ...samplesText(samples),
    `## The ${missed.length} that no test detects`,
    '',
    ...kinds.sort(([, a], [, b]) => b.length - a.length).map(([kind, own]) => `- ${own.length}: ${kind}`),
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

function samplesText(samples: readonly EarlierSample[]): readonly string[] {
  if (samples.length === 0) return [];
  return [
    '## Other samples',
    '',
    '| day and commit | options | mutants without type errors | score | note |',
    '|---|---|---|---|---|',
    ...samples.map(({ at, options, mutants, score, note }) => `| ${[at, options, mutants, score, note].join(' | ')} |`),
    '',
  ];
}

function reasonOf({ mutant: { file, line, code, replacement } }: Tested, reasons: readonly Reason[]): string {
  const [from, to] = [code, replacement].map(oneLine);
  const isOf = (own: Reason) => own.file === file && own.code === from && own.by === to;
  return reasons.find((own) => isOf(own) && (own.line ?? line) === line)?.why ?? UNKNOWN;
}

const oneLine = (code: string) => code.replace(/\s+/g, ' ');
const isFolder = (name: string) => !name.endsWith('.ts');
