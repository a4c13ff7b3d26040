import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { stageFields } from '../../../functions/stage-settings.ts';
import { readConfigFile } from '../../../local/settings/config-file.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

async function folderWith(files: Readonly<Record<string, string>>): Promise<string> {
  const folder = await temporaryFolder();
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text);
  return folder;
}

const ZONE = 'Europe/Berlin';

describe('readConfigFile', () => {
  test.each([
    { says: 'JSON', name: 'callhouse.config.json', text: `{ "$schema": "x", "timeZone": "${ZONE}" }` },
    { says: 'JSON with a byte order mark', name: 'callhouse.config.json', text: `\ufeff{ "timeZone": "${ZONE}" }` },
    {
      says: 'TypeScript',
      name: 'callhouse.config.ts',
      text: `const timeZone: string = '${ZONE}';\nexport default { timeZone };`,
    },
    {
      says: 'the stage local of a staged file, without what only AWS has',
      name: 'callhouse.config.json',
      text: `{ "$schema": "x", "stages": { "prod": { "timeZone": "UTC" }, "local": { "timeZone": "${ZONE}", "removalPolicy": "destroy", "timeLimit": "1h" } } }`,
    },
  ])('finds $says by its name', async ({ name, text }) => {
    expect(await readConfigFile(undefined, await folderWith({ [name]: text }))).toMatchObject({ timeZone: ZONE });
  });

  test('the stage local may have each setting of `retention` that a stage on AWS has', async () => {
    const retention = stageFields.retention.parse({});
    expect(Object.keys(retention)).toContain('accessLogDays');
    const text = JSON.stringify({ stages: { local: { retention } } });
    expect(await readConfigFile(undefined, await folderWith({ 'callhouse.config.json': text }))).toMatchObject({
      retention,
    });
  });

  test.each([
    { name: 'my.json', text: `{ "timeZone": "${ZONE}" }` },
    { name: 'my.mjs', text: `export default { timeZone: '${ZONE}' };` },
    { name: 'my.cjs', text: `module.exports = { timeZone: '${ZONE}' };` },
    { name: 'my.mts', text: `export default { timeZone: '${ZONE}' as string };` },
  ])('reads $name if it is named', async ({ name, text }) => {
    const folder = await folderWith({ [name]: text, 'callhouse.config.json': '{ "timeZone": "UTC" }' });
    expect(await readConfigFile(name, folder)).toMatchObject({ timeZone: ZONE });
  });

  test('uses defaults if there is no file, or one without the stage local', async () => {
    const defaults = { timeZone: 'UTC', parquetWriter: 'hyparquet', onVendorRemoval: 'mark', sources: {} };
    expect(await readConfigFile(undefined, await temporaryFolder())).toEqual(defaults);
    const staged = await folderWith({ 'callhouse.config.json': '{ "stages": { "dev": { "timeZone": "UTC" } } }' });
    expect(await readConfigFile(undefined, staged)).toEqual(defaults);
  });

  test('the file of this repository can be read', async () => {
    await expect(readConfigFile(undefined, new URL('../../../', import.meta.url).pathname)).resolves.toMatchObject({});
  });

  test.each([
    {
      name: 'a.json',
      text: '{ "secret": s3cret }',
      says: /^a\.json(:1)? is not JSON; check commas/,
    },
    {
      name: 'a.json',
      text: '{ "secret": "s3cret"\n"timeZone": "UTC" }',
      says: /^a\.json:2 is not JSON; check commas/,
    },
    {
      name: 'a.json',
      text: '{ "sources": { "kalem": { "baseUrl": "kalem.me", "historyStart": "2026-13-01" } } }',
      says: /kalem\.baseUrl: expected an address such as https:.*kalem\.historyStart: expected a day such as 2026-01-31/,
    },
    { name: 'a.json', text: '[]', says: 'a.json has no settings; expected an object' },
    { name: 'a.json', text: '5', says: 'a.json has no settings; expected an object' },
    {
      name: 'a.json',
      text: '{ "timeZone": "Mars", "sources": { "kalem": { "maxRps": -1 } } }',
      says: /timeZone: expected an IANA time zone.*; .*sources\.kalem\.maxRps|sources\.kalem\.maxRps.*timeZone/,
    },
    {
      name: 'a.json',
      text: '{ "openingHours": { "mon": ["18:00-08:00"] }, "closedDays": ["25.12.2026"], "plausible": { "maxCost": 0 } }',
      says: /openingHours\.mon\.0: expected hours such as 08:00-18:00, the later time second, at most 24:00; closedDays\.0: expected a day such as 2026-12-25; plausible\.maxCost: expected a number above 0/,
    },
    {
      name: 'a.json',
      text: '{ "plausible": { "maxCalls": 1 }, "sources": { "zudu": { "costCurrency": "Euro" } } }',
      says: /plausible\.maxCalls is not a setting.*expected one of maxCallHours, maxWaitMinutes, maxCost, maxSessions/,
    },
    {
      name: 'a.json',
      text: '{ "timezone": "UTC" }',
      says: 'a.json: timezone is not a setting (did you mean timeZone?); expected one of sources, timeZone, onVendorRemoval,',
    },
    {
      name: 'a.json',
      text: '{ "sources": { "kalem": { "maxRPS": 1, "tiers": [{ "every": "1h", "back": "1d", "bakc": "s3cret" }] } } }',
      says: /sources\.kalem\.tiers\.0\.bakc is not a setting \(did you mean back\?\); expected one of every, back; sources\.kalem\.maxRPS is not a setting \(did you mean maxRps\?\); expected one of accounts, baseUrl, tokenUrl, maxRps,/,
    },
    {
      name: 'a.ts',
      text: 'export default { stages: { local: { timezone: "s3cret" } } };',
      says: 'a.ts: stages.local.timezone is not a setting (did you mean timeZone?); expected one of sources, timeZone,',
    },
    ...['local', 'prod'].flatMap((stage) => [
      {
        name: 'a.json',
        text: `{ "stages": { "dev": {}, "${stage}": { "xyzzyx": "s3cret" } } }`,
        says: `a.json: stages.${stage}.xyzzyx is not a setting; expected one of sources, timeZone, onVendorRemoval, parquetWriter, timeLimit, retention, publish, report, group, openingHours,`,
      },
      {
        name: 'a.json',
        text: `{ "stages": { "${stage}": { "alarms": { "mail": 1 }, "retention": { "rawdays": 1 } } } }`,
        says: /retention\.rawdays is not a setting \(did you mean rawDays\?\).*alarms\.mail is not a setting \(did you mean email\?\); expected one of email, staleAfter,/,
      },
      {
        name: 'a.json',
        text: `{ "stages": { "${stage}": { "sources": { "kalm": {} } } } }`,
        says: `stages.${stage}.sources.kalm: there is no such source (did you mean kalem?); expected one of `,
      },
      {
        name: 'a.json',
        text: `{ "stages": { "${stage}": { "sources": { "kalem": { "maxrps": 1 } } } } }`,
        says: `stages.${stage}.sources.kalem.maxrps is not a setting (did you mean maxRps?)`,
      },
      {
        name: 'a.json',
        text: `{ "stages": { "${stage}": { "timeZone": "Mars" } } }`,
        says: `stages.${stage}.timeZone is "Mars"; expected an IANA time zone such as America/New_York`,
      },
    ]),
    {
      name: 'a.json',
      text: '{ "stages": {}, "timeZone": "UTC" }',
      says: 'a.json: timeZone is not a setting; expected one of stages',
    },
    { name: 'a.json', text: '{ "stages": null }', says: 'a.json: stages is null; Invalid input: expected object' },
    {
      name: 'a.json',
      text: '{ "stages": { "dev": ["s3cret"] } }',
      says: 'a.json: stages.dev is a list; Invalid input',
    },
    {
      name: 'a.json',
      text: '{ "stages": { "dev": { "timeZone": { "token": "s3cret" } } } }',
      says: 'a.json: stages.dev.timeZone is an object; Invalid input: expected string',
    },
    {
      name: 'a.mjs',
      text: 'throw new Error("s3cret")',
      says: 'a.mjs cannot be loaded (Error); run it alone to see why: node a.mjs',
    },
    { name: 'a.ts', text: 'export default {', says: /^a\.ts cannot be loaded/ },
    { name: 'a.yaml', text: '', says: 'a.yaml is not a settings file: expected .json, .js or .ts' },
  ])('refuses $name holding $text', async ({ name, text, says }) => {
    const error = await readConfigFile(name, await folderWith({ [name]: text })).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ exitCode: 2 });
    const { message } = error as Error;
    if (typeof says === 'string') expect(message).toContain(says);
    else expect(message).toMatch(says);
    expect(message).not.toContain('s3cret');
  });

  test('refuses what cannot be read, such as a folder', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'c.json'));
    await expect(readConfigFile('c.json', folder)).rejects.toThrow(
      'c.json cannot be read (EISDIR); expected a file that this user may read',
    );
  });

  test('refuses a missing file', async () => {
    await expect(readConfigFile('b.json', await temporaryFolder())).rejects.toThrow(
      'there is no b.json; expected a settings file',
    );
  });
});
