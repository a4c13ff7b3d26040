import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { didYouMean } from '../../../functions/nearest.ts';
import { loadSources } from '../../../functions/source/registry.ts';
import { quoteText } from '../../../schemas/derive/sql-text.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { askWarehouse } from '../query/ask-warehouse.ts';
import { readText } from '../read-option.ts';
import { isCrossed, type Limit, parseLimit } from './limit.ts';

/** The outcome of one limit. A figure that is not known counts like a crossed limit, because it may be one. */
interface Judgement {
  readonly limit: string;
  readonly state: 'ok' | 'crossed' | 'unknown';
  readonly value: number | null;
  /** Calls that the value rests on. */
  readonly base: number | null;
  /** False if not all of the 7 days were read to their end. */
  readonly isComplete: boolean;
  /** `YYYY-MM-DD`, both inclusive; null if no complete day was read. */
  readonly from: string | null;
  readonly to: string | null;
}

/** `callhouse alert`: judges limits of key figures. @returns 7 if a limit is crossed or its figure is not known */
export async function alertCommand(texts: readonly string[], options: Options, shell: Shell): Promise<ExitCode> {
  const limits = texts.map(parseLimit);
  await checkSource(readText(options, 'source'));
  const { rows } = await askWarehouse(figuresSql(options), options, shell);
  if (rows.length === 0) await checkAccount(options, shell);
  const judgements = limits.map((limit) => judge(limit, rows));
  const text = options['json'] ? `${JSON.stringify({ limits: judgements })}\n` : judgements.map(lineOf).join('');
  shell.out.write(text);
  return judgements.every(({ state }) => state === 'ok') ? 0 : 7;
}

/** A wrong name must not look like a vendor that was never read. */
async function checkSource(source: string | undefined): Promise<void> {
  const names = (await loadSources()).stored.map(({ name }) => name);
  if (source === undefined || names.includes(source)) return;
  throw new ConfigError(
    `--source: there is no source called "${source}"${didYouMean(source, names)}; expected one of ${names.join(', ')}`,
  );
}

/** Nor must a wrong account, or `default` where all accounts have names. */
async function checkAccount(options: Options, shell: Shell): Promise<void> {
  const [source, account = 'default'] = [readText(options, 'source'), readText(options, 'account')];
  if (source === undefined) return;
  const sql = `SELECT DISTINCT account FROM freshness WHERE source = ${quoteText(source)} ORDER BY account`;
  const known = (await askWarehouse(sql, options, shell)).rows.map(([name]) => String(name));
  if (known.length === 0 || known.includes(account)) return;
  throw new ConfigError(
    `--account: ${source} has no account "${account}" in the warehouse${didYouMean(account, known)}; expected one of ${known.join(', ')}`,
  );
}

function figuresSql(options: Options): string {
  const [source, account] = [readText(options, 'source'), readText(options, 'account')];
  if (account !== undefined && source === undefined)
    throw new ConfigError('--account needs --source: name the vendor whose account it is');
  const scope =
    source === undefined
      ? 'source IS NULL'
      : `source = ${quoteText(source)} AND account = ${quoteText(account ?? 'default')}`;
  return `SELECT metric, value, base, is_complete, CAST(period_from AS varchar) AS period_from, CAST(period_to AS varchar) AS period_to FROM key_figures WHERE ${scope}`;
}

function judge(limit: Limit, rows: readonly (readonly unknown[])[]): Judgement {
  const [, value, base, isComplete, from, to] = rows.find(([metric]) => metric === limit.metric) ?? [];
  const number = (given: unknown) => (given === null || given === undefined ? null : Number(given));
  const known = number(value);
  return {
    limit: limit.text,
    state: known === null ? 'unknown' : isCrossed(limit, known) ? 'crossed' : 'ok',
    ...{ value: known, base: number(base), isComplete: isComplete === true || isComplete === 'true' },
    ...{ from: from ? String(from) : null, to: to ? String(to) : null },
  };
}

function lineOf({ limit, state, value, base, isComplete, from, to }: Judgement): string {
  if (state === 'unknown')
    return `unknown  ${limit}: ${from === null ? 'no complete day was read' : 'no vendor of the scope says it'}\n`;
  const rounded = Number(value?.toPrecision(4));
  const doubt = isComplete ? '' : '; not all of these days were read to their end';
  return `${state.padEnd(7)}  ${limit}: it is ${rounded}, of ${base} calls from ${from} to ${to}${doubt}\n`;
}
