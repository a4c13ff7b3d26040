import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { duckdbEngine } from '../../../local/warehouse/duckdb-engine.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('callhouse doctor', () => {
  test('reports no problem if a run works; --online requests one page from each vendor', async () => {
    const { env, simulators } = await demoVendors({ callsPerVendor: 5 });
    const cwd = await temporaryFolder();
    const asked = () => simulators.requests.length;
    expect(await callhouseHere(['doctor'], { cwd, env })).toMatchObject({ code: 0, stderr: '' });
    await callhouseHere(['run'], { cwd, env });
    const before = asked();
    const { code, stdout, stderr } = await callhouseHere(['doctor', '--online'], { cwd, env });
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(stdout.split('\n').map((line) => line.replace(/\/\S+/, '…').replace(/\d+\.\d+\.\d+/, 'N'))).toEqual([
      '✓ Node N',
      '✓ access of other users',
      '✓ settings',
      '✓ a source is configured',
      ...['kalem', 'kismet', 'solum', 'zudu'].flatMap((name) => [`✓ address of ${name}`, `✓ credentials of ${name}`]),
      '✓ data directory …',
      '✓ hash key',
      expect.stringMatching(
        /^✓ texts that callhouse does not show: kismet_call_audit_changes\.field: \d+ values? of a key replaced by a hash; .*; kismet_call_audit_logs\.changed_fields: \d+ values? hidden; see callhouse_phi/,
      ),
      '✓ commit logs',
      '✓ held removals',
      '✓ warehouse …',
      '✓ disk space',
      ...['kalem', 'kismet', 'solum', 'zudu'].map((name) => `✓ ${name} answers`),
      '',
    ]);
    expect(asked() - before).toBe(4);
  });

  test('names everything that is missing, with its remedy', async () => {
    const { env } = await demoVendors({ callsPerVendor: 3 });
    const cwd = await temporaryFolder();
    await callhouseHere(['run'], { cwd, env: envOf(env, 'solum') });
    await rm(join(cwd, 'data', 'hash.key'));
    const engine = duckdbEngine({
      path: join(cwd, 'data', 'warehouse.duckdb'),
      pathOf: (key) => key,
      views: { timeZone: 'UTC' },
      sleep: async () => {},
    });
    await engine.query('select 1');
    const wrong = {
      SOLUM_API_KEY: 'refused',
      SOLUM_BASE_URL: env['SOLUM_BASE_URL'] ?? '',
      ZUDU_API_KEY: 'x ',
      KALEM_API_TOKEN: 'x',
      KALEM_BASE_URL: 'http://kalem.example',
    };
    const { code, stdout, stderr } = await callhouseHere(['doctor', '--online'], { cwd, env: wrong });
    await engine.close();
    expect(code).toBe(2);
    expect(stderr).toMatch(/^callhouse: 7 of 20 checks failed/);
    const lines = stdout.split('\n').filter((line) => line.startsWith('✗'));
    expect(lines).toEqual([
      expect.stringMatching(/^✗ address of kalem: kalem: KALEM_BASE_URL is not https/),
      expect.stringMatching(/^✗ credentials of zudu: zudu: ZUDU_API_SECRET is not set/),
      expect.stringMatching(/^✗ hash key: hash\.key is missing in .*; restore it/),
      expect.stringMatching(/^✗ warehouse .* is held by this program/),
      expect.stringMatching(/^✗ kalem answers: kalem: KALEM_BASE_URL is not https/),
      expect.stringMatching(
        /^✗ solum answers: solum: GET \/v1\/calls answered 401 \(the vendor names .*invalid_api_key\): the vendor refused/,
      ),
      expect.stringMatching(/^✗ zudu answers: zudu: ZUDU_API_SECRET is not set/),
    ]);
  });

  test('reports wrong settings, and that no source is configured', async () => {
    const cwd = await temporaryFolder();
    expect(await callhouseHere(['doctor'], { cwd })).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^✗ a source is configured: no source is configured; set the credentials/m),
    });
    await writeFile(join(cwd, 'callhouse.config.json'), '{ "timeZone": "Mars" }');
    expect(await callhouseHere(['doctor'], { cwd })).toMatchObject({
      code: 2,
      stdout: expect.stringMatching(/^✗ settings: callhouse\.config\.json: timeZone/m),
    });
  });

  test('reports a group that does not exist, and columns of safeValues that hide no text', async () => {
    const cwd = await temporaryFolder();
    const settings = {
      group: 'no-such-group-here',
      sources: { solum: { safeValues: { 'solum_calls.langage': ['x'] } } },
    };
    await writeFile(join(cwd, 'callhouse.config.json'), JSON.stringify(settings));
    const { code, stdout } = await callhouseHere(['doctor'], { cwd, env: { SOLUM_API_KEY: 'a key' } });
    expect(code).toBe(2);
    expect(stdout).toContain('✗ group of readers: group: /etc/group has no group no-such-group-here');
    expect(stdout).toContain(
      '✗ texts to show of solum: solum: sources.solum.safeValues: solum_calls.langage is not a column',
    );
  });
});
