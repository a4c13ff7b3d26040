import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { vendorHttp } from '../../../functions/http/vendor-http.ts';
import { didYouMean } from '../../../functions/nearest.ts';
import { loadSources, sourceNames } from '../../../functions/source/registry.ts';
import type { Source } from '../../../functions/source/source.ts';
import { oneLine } from '../../console/print-error.ts';
import type { Shell } from '../../console/shell.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { envSecrets } from '../../settings/env-secrets.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import type { Options } from '../command.ts';
import { findCheckout, isBuilt } from '../new-source/checkout.ts';
import { readText } from '../read-option.ts';
import { accountsOf } from '../run/select-targets.ts';
import type { Finding, Outcome } from './case.ts';
import { checkOnline } from './check-online.ts';
import { checkConformance } from './conformance.ts';
import { judgeCallsView } from './judge-calls-view.ts';

const FAILED = 4;

/** One line of the report. */
interface Line {
  readonly stream: string;
  readonly name: string;
  readonly result: 'ok' | 'FAILED' | 'not applicable' | 'not checked';
  readonly detail?: string;
}

/** `callhouse check-source`: prints one line per case. Exit code 4 if one fails. */
export async function checkSourceCommand(args: readonly string[], options: Options, shell: Shell): Promise<ExitCode> {
  const source = await findChecked(args[0] ?? '');
  const lines: Line[] = [];
  const report = options['online'] ? onlineLines(source, options, shell) : conformanceLines(source);
  for await (const line of report) {
    lines.push(line);
    if (!options['json']) shell.out.write(`${describe(source, line)}\n`);
  }
  const failed = lines.filter(({ result }) => result === 'FAILED').length;
  const exitCode = failed > 0 ? FAILED : 0;
  if (options['json']) shell.out.write(`${JSON.stringify({ source: source.name, checks: lines, exitCode })}\n`);
  if (failed > 0) shell.err.write(`callhouse: ${failed} of ${lines.length} checks failed; see the lines with FAILED\n`);
  return exitCode;
}

/** @throws ConfigError if there is no such source, DeclarationError if it is declared wrongly */
async function findChecked(name: string): Promise<Source> {
  const known = await sourceNames();
  const checkout = findCheckout();
  if (checkout && !isBuilt(checkout, name))
    throw new ConfigError(
      `functions/sources/${name}.ts or its tables were written after the last build; run npm run build first`,
    );
  if (!known.includes(name))
    throw new ConfigError(
      `there is no source called ${JSON.stringify(name)}${didYouMean(name, known)}; expected one of ${known.join(', ')}`,
    );
  // All are loaded, because a table may belong to one source only.
  const { sources, broken } = await loadSources();
  const wrong = broken.find((one) => one.name === name);
  if (wrong) throw wrong.error;
  const source = sources.find((one) => one.name === name);
  if (!source) throw new ConfigError(`there is no source called ${JSON.stringify(name)}`);
  return source;
}

async function* conformanceLines(source: Source): AsyncIterable<Line> {
  for await (const { stream, name, outcome } of checkConformance(source)) yield { stream, name, ...resultOf(outcome) };
  for (const [stream, { tables }] of Object.entries(source.streams)) {
    const name = 'its columns of the view calls can be computed';
    if (tables[0].calls) yield { stream, name, ...resultOf(await judgeCallsView(source)) };
  }
}

function resultOf(outcome: Outcome): Pick<Line, 'result' | 'detail'> {
  if (outcome === 'ok') return { result: 'ok' };
  if ('notApplicable' in outcome) return { result: 'not applicable', detail: outcome.notApplicable };
  return { result: 'FAILED', detail: describeFinding(outcome) };
}

/** A finding in one line. */
export function describeFinding({ what, seen, expected, remedy }: Finding): string {
  return `${what}: ${seen}; expected ${expected}; ${remedy}`;
}

async function* onlineLines(source: Source, options: Options, shell: Shell): AsyncIterable<Line> {
  const env = withDotenv(shell.cwd, shell.env);
  const { sources, broken } = await loadSources();
  const given = await readConfigFile(readText(options, 'config'), shell.cwd);
  const settings = withEnvironment(given, [...sources, ...broken], env);
  const [first = 'default'] = accountsOf(source, { settings, env });
  const account = readText(options, 'account') ?? first;
  const asked = { source, account, settings, secrets: envSecrets(env), fetch: vendorHttp(env), signal: shell.signal };
  for await (const { stream, results } of checkOnline(asked))
    for (const { name, isOk, seen: detail } of results) yield { stream, name, result: onlineResult(isOk), detail };
}

function onlineResult(isOk: boolean | undefined): Line['result'] {
  if (isOk === undefined) return 'not checked';
  return isOk ? 'ok' : 'FAILED';
}

function describe({ name: source }: Source, { stream, name, result, detail }: Line): string {
  const about = detail === undefined ? '' : result === 'ok' ? ` (${oneLine(detail)})` : `: ${oneLine(detail)}`;
  return `${source}.${stream}: ${name}: ${result}${about}`;
}
