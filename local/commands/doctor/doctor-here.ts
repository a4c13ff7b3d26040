import { checkSafeValues } from '../../../functions/extract/session/check-safe-values.ts';
import { checkBaseUrl } from '../../../functions/http/send.ts';
import { vendorHttp } from '../../../functions/http/vendor-http.ts';
import type { Settings } from '../../../functions/settings.ts';
import type { Source } from '../../../functions/source/source.ts';
import type { Shell } from '../../console/shell.ts';
import { describeOldNode } from '../../node-version.ts';
import { groupId } from '../../publish/file-access.ts';
import { readConfigFile } from '../../settings/config-file.ts';
import { dataDirAt } from '../../settings/data-dir.ts';
import { withDotenv } from '../../settings/dotenv.ts';
import { type Environment, envSecrets } from '../../settings/env-secrets.ts';
import { withEnvironment } from '../../settings/env-settings.ts';
import { loadJudgedSources } from '../../warehouse/judged-sources.ts';
import type { Options } from '../command.ts';
import { describeHeld } from '../confirm-removals/describe-held.ts';
import { readDataDir, readText, readWarehouse } from '../read-option.ts';
import { nameOf } from '../run/describe-run.ts';
import { accountsOf, selectSound, sortWrong, type WrongSources } from '../run/select-targets.ts';
import { type Check, checked } from './check.ts';
import { checkAccess, closeAll } from './check-access.ts';
import { checkDataDir } from './check-data-dir.ts';
import { requestOnePage } from './request-one-page.ts';

/** Checks everything that a run on this machine needs. */
export async function doctorHere(options: Options, shell: Shell): Promise<readonly Check[]> {
  const { sources, broken } = await loadJudgedSources();
  const dir = dataDirAt(readDataDir(options, shell), readWarehouse(options, shell));
  const closed = options['fix'] ? await closeAll(dir, shell) : [];
  const env = withDotenv(shell.cwd, shell.env);
  const checks = [checkNode(process.versions.node), ...closed, ...checkAccess(dir, shell)];
  let settings: Settings | undefined;
  const settingsCheck = await checked('settings', async () => {
    settings = withEnvironment(
      await readConfigFile(readText(options, 'config'), shell.cwd),
      [...sources, ...broken],
      env,
    );
  });
  checks.push(settingsCheck);
  if (settings) {
    const choice = { sources, broken, settings, env };
    checks.push(...checkDeclarations(sortWrong(choice)));
    checks.push(await checked('a source is configured', () => selectSound([], choice)));
    const { group } = settings;
    if (group !== undefined) checks.push(await checked('group of readers', () => groupId(group)));
    for (const source of sources) checks.push(...(await checkSource(source, settings, env)));
  }
  checks.push(...(await checkDataDir(dir, env, { sources, describe: (held) => describeHeld(held, options, shell) })));
  if (settings && options['online']) checks.push(...(await requestFromVendors(sources, settings, env, shell)));
  return checks;
}

/** A wrong declaration is a failure for who uses its vendor, and a note for others. */
function checkDeclarations({ broken, unused }: WrongSources): readonly Check[] {
  const failed = broken.map(({ name, error }) => ({
    check: `declaration of ${name}`,
    ok: false,
    remedy: error.message,
  }));
  const noted = unused.map(({ name, error }) => ({
    check: `declaration of ${name} is wrong, and nobody uses it here`,
    ok: true,
    remedy: error.message,
  }));
  return [...failed, ...noted];
}

function checkNode(version: string): Check {
  const remedy = describeOldNode(version);
  return { check: `Node ${version}`, ok: remedy === undefined, ...(remedy === undefined ? {} : { remedy }) };
}

/** Checks address, credentials and `safeValues` of a source. A run skips a source without accounts, and so does this. */
async function checkSource(source: Source, settings: Settings, env: Environment): Promise<readonly Check[]> {
  const { name, credentials, options, baseUrl } = source;
  const secrets = envSecrets(env);
  const checks: Check[] = [];
  const accounts = accountsOf(source, { settings, env });
  const { safeValues } = settings.sources[name] ?? {};
  if (accounts.length > 0) {
    if (safeValues) checks.push(await checked(`texts to show of ${name}`, () => checkSafeValues(source, safeValues)));
    const setting = `${name.toUpperCase()}_BASE_URL`;
    const address = settings.sources[name]?.baseUrl ?? baseUrl;
    checks.push(await checked(`address of ${name}`, () => checkBaseUrl(address, setting, { source: name })));
    const { tokenUrl } = settings.sources[name] ?? {};
    const token = `${name.toUpperCase()}_TOKEN_URL`;
    if (tokenUrl !== undefined)
      checks.push(await checked(`address of tokens of ${name}`, () => checkBaseUrl(tokenUrl, token, { source: name })));
  }
  for (const account of accounts) {
    const check = `credentials of ${nameOf(name, account)}`;
    checks.push(await checked(check, () => secrets.read(name, account, credentials, options)));
  }
  return checks;
}

async function requestFromVendors(sources: readonly Source[], settings: Settings, env: Environment, shell: Shell) {
  const checks = sources.flatMap((source) =>
    accountsOf(source, { settings, env }).map((account) => {
      const check = `${nameOf(source.name, account)} answers`;
      return checked(check, () =>
        requestOnePage({
          source,
          account,
          settings,
          secrets: envSecrets(env),
          fetch: vendorHttp(env),
          signal: shell.signal,
        }),
      );
    }),
  );
  return Promise.all(checks);
}
