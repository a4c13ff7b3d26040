import { type Certificate, eraseRecords } from '../../../functions/erase/erase-records.ts';
import type { Selector } from '../../../functions/erase/selector.ts';
import { ConfigError, type ExitCode } from '../../../functions/errors.ts';
import { isBlank } from '../../../functions/lake/digest.ts';
import { didYouMean } from '../../../functions/nearest.ts';
import type { Source } from '../../../functions/source/source.ts';
import { count } from '../../console/count.ts';
import { logLines } from '../../console/log-lines.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { readText } from '../read-option.ts';
import type { EraseHome } from './erase-home.ts';
import { openLocalErasure } from './local-erasure.ts';

/** `callhouse erase`: from a data directory, or with `--aws` from a stage. */
export async function eraseCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const selector = await readSelector(options, shell);
  const { log } = logLines(shell);
  const home = await open(options, shell, log);
  let certificate: Certificate;
  try {
    checkSource(selector, home.request.sources);
    const account = readText(options, 'account');
    const accounts = account === undefined ? home.request.accounts : onlyAccount(account, home.request.accounts);
    const flags = { isDryRun: options['dryRun'] === true, isConfirmed: options['yes'] === true, confirm: asker(shell) };
    certificate = await eraseRecords({ ...home.request, accounts, selector, ...flags }, home.ports);
  } finally {
    await home.close();
  }
  // After a kill there may be nothing left to erase but in copies.
  if (!certificate.isDryRun) await home.replaceCopies();
  const remains = [...elsewhere(certificate), ...(certificate.lake ? home.remains : [])];
  shell.out.write(
    options['json'] ? `${JSON.stringify({ ...certificate, remains })}\n` : describe(certificate, remains),
  );
  return 0;
}

/** Copies that the command cannot reach. */
function elsewhere({ elsewhere: { warehouses, sources }, by, lake, keyless }: Certificate): readonly string[] {
  const unknown = by === 'call' ? [] : sources;
  return [
    ...unknown.map(
      (name) => `records of ${name} in the lake, whose source is not declared: put its files back and run this again`,
    ),
    ...(lake && keyless > 0
      ? ['records without a key, which raw copies will have again if the vendor still lists them']
      : []),
    ...(lake && warehouses > 0
      ? [`${count(warehouses, 'other warehouse')} that loaded from this lake: run this with each that still exists`]
      : []),
  ];
}

/** Asks at the terminal, if there is one. */
function asker({ ask }: Shell) {
  if (!ask) return undefined;
  return async (records: number, total: number) => {
    const answer = await ask(`${records} of ${total} records would be erased for ever. Type yes to erase them: `);
    return answer.trim().toLowerCase() === 'yes';
  };
}

async function open(options: Options, shell: Shell, log: Parameters<typeof openLocalErasure>[2]): Promise<EraseHome> {
  if (!options['aws']) return openLocalErasure(options, shell, log);
  const { openStageErasure } = await import('../../aws/stage-erasure.ts');
  return openStageErasure(options, shell, log);
}

/** @throws ConfigError unless exactly one selector is given, and well-formed; it never quotes a number, id or hash */
async function readSelector(options: Options, { readInput }: Shell): Promise<Selector> {
  const given = ['call', 'phone', 'patient', 'hash'].filter((name) => options[name] !== undefined);
  if (given.length !== 1)
    throw new ConfigError(
      `${given.length === 0 ? 'nothing says' : 'several options say'} what to erase; expected one of --call SOURCE:ID, --phone, --patient and --hash HASH`,
    );
  const [kind] = given;
  if (kind === 'call') {
    const [, source, id] = /^([a-z0-9_]+):(.+)$/s.exec(readText(options, 'call') ?? '') ?? [];
    if (source === undefined || id === undefined || isBlank(id))
      throw new ConfigError('--call is not SOURCE:ID; expected for example --call zudu:b2f1');
    return { kind, source, id };
  }
  if (kind === 'hash') {
    const hash = readText(options, 'hash')?.toLowerCase() ?? '';
    if (!/^[0-9a-f]{64}$/.test(hash)) throw new ConfigError('--hash is not 64 hex digits, as callhouse shows hashes');
    return { kind, hash };
  }
  const text = (await readInput()).replace(/\r?\n$/, '');
  if (isBlank(text) || text.includes('\n'))
    throw new ConfigError(`standard input is not one line; expected the ${kind === 'phone' ? 'number' : 'id'} alone`);
  return { kind: kind === 'phone' ? 'phone' : 'patient', text };
}

function checkSource(selector: Selector, sources: readonly Source[]): void {
  if (selector.kind !== 'call' || sources.some(({ name }) => name === selector.source)) return;
  const names = sources.map(({ name }) => name);
  throw new ConfigError(
    `there is no source of the name that --call has${didYouMean(selector.source, names)}; expected one of ${names.join(', ')}`,
  );
}

function onlyAccount(account: string, accounts: Readonly<Record<string, readonly string[]>>) {
  const known = [...new Set(Object.values(accounts).flat())];
  if (!known.includes(account))
    throw new ConfigError(
      `no source has the account that --account names${didYouMean(account, known)}; expected one of ${known.join(', ')}`,
    );
  const kept = Object.entries(accounts).map(([source, names]) => [source, names.filter((name) => name === account)]);
  return Object.fromEntries(kept) as Record<string, readonly string[]>;
}

function describe(certificate: Certificate, remains: readonly string[]): string {
  const { rows, earlier, keyless, lake, orphans, mentions, isDryRun } = certificate;
  const tables = Object.entries(rows).map(([table, n]) => `  ${table}: ${count(n, 'row')}`);
  if (earlier > 0) tables.push(`  of these, ${count(earlier, 'call')} had it only in earlier versions`);
  if (keyless > 0) tables.push(`  ${count(keyless, 'raw record')} without a key, which no table has`);
  const left = remains.length > 0 ? ['not erased here:', ...remains.map((one) => `  ${one}`)] : [];
  if (tables.length === 0) return ['no record matches; nothing was changed', ...left, ''].join('\n');
  const lines = [isDryRun ? 'would be erased; nothing was changed:' : 'erased:', ...tables];
  if (lake) {
    const place = (name: keyof typeof lake, what: string) =>
      `  ${count(lake[name].looked, what)} looked at, ${lake[name].changed.toLocaleString('en-US')} written again or deleted`;
    lines.push('in the lake:', place('raw', 'raw object'), place('staged', 'staged file'));
    lines.push(place('commits', 'commit'), place('digests', 'digest'));
    if (orphans > 0) lines.push(`  ${count(orphans, 'object')} without a commit deleted`);
    lines.push('both halves of the warehouse, its freed blocks and the published copy were written again');
  }
  if (mentions !== undefined) lines.push(`${count(mentions, 'other row')} of callhouse_phi have it in some text`);
  lines.push(...left);
  return lines.map((line) => `${line}\n`).join('');
}
