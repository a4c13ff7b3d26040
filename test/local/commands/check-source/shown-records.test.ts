import { expect, test } from 'vitest';
import { parseSettings } from '../../../../functions/settings.ts';
import { checkOnline } from '../../../../local/commands/check-source/check-online.ts';
import quo from '../../../fixtures/sources/quo.ts';
import { callhouseHere } from '../../../helpers/callhouse-here.ts';
import { demoVendors } from '../../../helpers/demo-vendors.ts';
import { secretsIn, sharedHttp } from '../../../helpers/ports.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

/** What check-source --online says of the calls of quo, whose conversations have these participants; and the requests for calls. */
async function callsOf(participants: readonly string[][]) {
  const { url, requests } = await scriptedServer(({ path }) => {
    const conversations = participants.map((list, n) => ({ id: `CN${n}`, phoneNumberId: 'PN1', participants: list }));
    const call = { id: 'AC1', createdAt: '2026-11-01T09:00:00Z', duration: 5, direction: 'incoming' };
    return { json: { data: path === '/v1/calls' ? [call] : conversations, nextPageToken: null } };
  });
  const settings = parseSettings({ sources: { quo: { baseUrl: url, maxRps: 1000 } } }, 'test');
  const secrets = secretsIn({ QUO_API_KEY: 'key' });
  const asked = { source: quo, account: 'default', settings, secrets, fetch: sharedHttp };
  const lines: string[] = [];
  for await (const { stream, results } of checkOnline({ ...asked, signal: new AbortController().signal }))
    for (const { name, isOk, seen } of results) if (stream === 'calls') lines.push(`${name} ${isOk}: ${seen}`);
  return { lines, asked: requests.filter(({ path }) => path === '/v1/calls').map(({ query }) => query) };
}

test('a list that a vendor has for each record is requested for a record that it has shown', async () => {
  const { lines, asked } = await callsOf([['+12025550100', '+12025550101'], ['+12025550102']]);
  expect(lines).toContain('key id true: 0 of 1 records have no id');
  expect(lines.join('\n')).not.toContain('+1202');
  expect(asked[0]).toMatchObject({ phoneNumberId: 'PN1', participants: '+12025550102' });
});

test('it is not checked if no record was shown that has what its requests need', async () => {
  const { lines, asked } = await callsOf([['+12025550100', '+12025550101']]);
  expect(asked).toEqual([]);
  expect(lines).toEqual([
    expect.stringMatching(/^answers undefined: partitions gives none; they may depend on records/),
  ]);
});

test('calls and audit logs of Kismet are checked online', async () => {
  const { env } = await demoVendors();
  const cwd = await temporaryFolder();
  const { code, stdout } = await callhouseHere(['check-source', 'kismet', '--online'], { env, cwd });
  expect({ code, failed: stdout.match(/.*FAILED.*/g) }).toEqual({ code: 0, failed: null });
  for (const stream of ['calls', 'call_audit_logs'])
    expect(stdout).toMatch(new RegExp(`kismet\\.${stream}: key id: ok`));
});
