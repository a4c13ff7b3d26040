import { describe, expect, test } from 'vitest';
import { parseSettings } from '../../../../functions/settings.ts';
import type { Answer } from '../../../../functions/source/paging.ts';
import { defineSource, type Source, type Stream } from '../../../../functions/source/source.ts';
import { checkOnline } from '../../../../local/commands/check-source/check-online.ts';
import postbox from '../../../fixtures/sources/postbox.ts';
import { callhouseHere } from '../../../helpers/callhouse-here.ts';
import { demoVendors } from '../../../helpers/demo-vendors.ts';
import { type DetailedCall, detailsWorld } from '../../../helpers/details-world.ts';
import { secretsIn, sharedHttp } from '../../../helpers/ports.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';
import { tokenCalls, tokenServer } from '../../../helpers/token-server.ts';
import { VENDORS } from '../../../helpers/vendors.ts';

/** Checks postbox, with other paths in its answer, against a vendor with so many calls. */
async function online(change: Partial<Answer> = {}, { stream = {}, count = 10 } = {}) {
  const server = await tokenServer({ records: tokenCalls(count), generation: 1, access: () => true });
  const declared = postbox.streams['calls'];
  const calls = { ...declared, ...stream, answer: { ...declared?.answer, ...change } } as Stream;
  const source: Source = { ...postbox, streams: { calls } };
  const settings = parseSettings({ sources: { postbox: { baseUrl: server.url, maxRps: 1000 } } }, 'test');
  const secrets = secretsIn({ POSTBOX_TOKEN: 'token' });
  const signal = new AbortController().signal;
  const lines = { failed: [] as string[], seen: [] as string[], unchecked: [] as string[] };
  for await (const { results } of checkOnline({
    source,
    account: 'default',
    settings,
    secrets,
    fetch: sharedHttp,
    signal,
  }))
    for (const { name, isOk, seen: text } of results)
      lines[isOk === undefined ? 'unchecked' : isOk ? 'seen' : 'failed'].push(`${name}: ${text}`);
  return { ...lines, requests: server.requests.length };
}

describe('check-source --online', () => {
  test('finds nothing wrong in a declaration that is right, by two requests', async () => {
    const { failed, seen, requests } = await online();
    expect({ failed, requests }).toEqual({ failed: [], requests: 2 });
    expect(seen).toEqual([
      'paging: pages of 4 and 4 records, 0 of the second also on the first',
      'answer.more: has_more is in the answers',
      'answer.total: total is in the answers',
      'answer.next: pagination_key is in the answers',
      'key id: 0 of 8 records have no id',
      'order: newest first by started_at',
      'columns: each field has a column; each column has a field',
    ]);
  });

  test.each([
    { field: 'next', path: 'pagination_kee' },
    { field: 'more', path: 'has_moore' },
    { field: 'total', path: 'meta.total' },
    { field: 'page', path: 'pag' },
    { field: 'pages', path: 'last_page' },
    { field: 'link', path: 'links.next' },
  ])('names a typo in answer.$field', async ({ field, path }) => {
    const { failed } = await online({ [field]: path });
    expect(failed.join('\n')).toContain(`answer.${field}: no answer had a field ${path}; check the spelling`);
  });

  test('does not blame a token that the only page of a list may leave out', async () => {
    const { failed, unchecked } = await online({}, { count: 3 });
    expect(failed).toEqual([]);
    expect(unchecked).toEqual([
      'paging: the list has one page of 3 records; a smaller pageSize shows how it pages',
      'answer.next: the list has one page, which has no pagination_key',
    ]);
  });

  test('says of what no answer shows that it was not checked', async () => {
    const window = { by: 'started_at', as: 'iso' };
    const { failed, seen, unchecked } = await online({}, { count: 0, stream: { window } });
    expect(failed).toEqual([]);
    expect(seen).toEqual(['answer.more: has_more is in the answers', 'answer.total: total is in the answers']);
    expect(unchecked).toEqual([
      'paging: the list has one page of 0 records',
      'answer.next: the list has one page, which has no pagination_key',
      'records: no record was listed, so that nothing is known of key, order and columns',
      'window: no record with a time in started_at was listed',
    ]);
  });

  test('says of a stream without partitions that it was not checked', async () => {
    const { failed, seen, unchecked, requests } = await online({}, { stream: { partitions: () => [] } });
    expect({ failed, seen, requests }).toEqual({ failed: [], seen: [], requests: 0 });
    expect(unchecked).toEqual([expect.stringMatching(/^answers: partitions gives none; they may depend on records/)]);
  });

  test('names a list that is not where it was declared, and an order that the records do not have', async () => {
    expect((await online({ records: 'itms' })).failed.join()).toContain('itms is missing; expected a list');
    const { failed } = await online({}, { stream: { order: ['id'] } });
    expect(failed.join()).toContain('order: not newest first by id; every run will read the complete list');
  });

  test('names a vendor that serves the first page again', async () => {
    const ask = () => ({ body: { limit: 4 } });
    expect((await online({}, { stream: { ask } })).failed.join()).toContain(
      'paging: pages of 4 and 4 records, 4 of the second also on the first; the vendor does not page as requested',
    );
  });
});

describe('callhouse check-source', () => {
  test.each(VENDORS)('%s --online agrees with its simulator, and stores nothing', async (name) => {
    const { env } = await demoVendors();
    const cwd = await temporaryFolder();
    const { code, stdout, stderr } = await callhouseHere(['check-source', name, '--online'], { env, cwd });
    expect({ code, stderr, failed: stdout.match(/.*FAILED.*/g) }).toEqual({ code: 0, stderr: '', failed: null });
    expect(stdout).toMatch(/: key .*: ok/);
  });

  test('plays its cases, prints JSON on demand, and names an unknown source', async () => {
    const cwd = await temporaryFolder();
    const played = await callhouseHere(['check-source', 'solum'], { cwd });
    expect(played).toMatchObject({ code: 0, stderr: '' });
    expect(played.stdout).toContain('solum.calls: a run may be cut at each page: ok\n');
    expect(played.stdout).toContain('expired is not the end: not applicable: the list has no tokens\n');
    const { stdout } = await callhouseHere(['check-source', 'solum', '--json'], { cwd });
    expect(JSON.parse(stdout)).toMatchObject({ source: 'solum', exitCode: 0 });
    const unknown = await callhouseHere(['check-source', 'solom'], { cwd });
    expect(unknown).toMatchObject({ code: 2, stdout: '' });
    expect(unknown.stderr).toContain('there is no source called "solom" (did you mean solum?); expected one of');
  });

  test('names the credentials that --online needs', async () => {
    const { code, stderr } = await callhouseHere(['check-source', 'solum', '--online'], {
      cwd: await temporaryFolder(),
    });
    expect(code).toBe(2);
    expect(stderr).toContain('SOLUM_API_KEY');
  });

  test('requests the details of the first record, and names a path that no answer has', async () => {
    const calls: DetailedCall[] = [
      { id: 'c0', note: '-', details: { call: { cost: '1', transcript: 'x', turns: [] } } },
    ];
    const { server } = await detailsWorld(postbox, calls, 'call_details');
    const settings = parseSettings({ sources: { postbox: { baseUrl: server.url, maxRps: 1000 } } }, 'test');
    const resultsOf = async (source: Source) => {
      const options = {
        source,
        account: 'default',
        settings,
        secrets: secretsIn({ POSTBOX_TOKEN: 'token' }),
        fetch: sharedHttp,
      };
      const lines: string[] = [];
      for await (const { stream, results } of checkOnline({ ...options, signal: new AbortController().signal }))
        for (const { name, isOk, seen } of results) lines.push(`${stream} ${name} ${isOk}: ${seen}`);
      return lines.filter((line) => line.startsWith('call_details'));
    };
    expect(await resultsOf(postbox)).toEqual([
      'call_details columns true: each field has a column; each column has a field',
    ]);
    const { calls: declared } = postbox.streams;
    if (declared?.kind !== 'collection') throw new Error('no calls');
    const { call_details: details } = declared.details ?? {};
    if (!details) throw new Error('no details');
    const wrong = { ...declared, details: { call_details: { ...details, answer: { record: 'cal' } } } };
    expect(await resultsOf(defineSource({ ...postbox, streams: { calls: wrong } }))).toEqual([
      expect.stringContaining('call_details page 1 false: the answer is not what the vendor'),
    ]);
  });
});
