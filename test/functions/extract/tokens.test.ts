import { describe, expect, test } from 'vitest';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { type Answer, type Ask, byOffset, fromLast } from '../../../functions/source/paging.ts';
import type { Source, Stream } from '../../../functions/source/source.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import { withEnvironment } from '../../../local/settings/env-settings.ts';
import oauthPhone from '../../fixtures/sources/oauth-phone.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import { commitsOf } from '../../helpers/fold-staged.ts';
import { makePorts } from '../../helpers/ports.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';
import { type TokenVendor, tokenCalls, tokenServer } from '../../helpers/token-server.ts';

const ENV = {
  POSTBOX_TOKEN: 'access-1',
  OAUTH_PHONE_CLIENT_ID: 'id',
  OAUTH_PHONE_CLIENT_SECRET: 'client-secret',
  OAUTH_PHONE_ACCOUNT_ID: 'account/7',
};

/** Asks to wait longer than a run may. */
const UNWILLING = { status: 429, body: '', headers: { 'retry-after': '100000' } };

/** A vendor with ten calls, on pages of four, and a lake. */
async function world(source: Source, change: Partial<TokenVendor> = {}) {
  const vendor: TokenVendor = { records: tokenCalls(10), generation: 1, access: () => true, ...change };
  const server = await tokenServer(vendor);
  const store = memoryStore();
  // All its calls are within one of the windows that a source may require.
  const historyStart = '2026-10-30';
  const settings = parseSettings(
    { sources: { [source.name]: { maxRps: 1000, baseUrl: server.url, historyStart } } },
    'test',
  );
  const run = async (at: string, commitEveryMs?: number) => {
    const before = server.pages.length;
    const ports = makePorts({ store, env: ENV });
    const tuning = commitEveryMs === undefined ? {} : { commitEveryMs };
    const request = { account: 'default', at: new Date(at), settings, tuning, streams: ['calls'] };
    const result = await extractAccount(source, request, ports);
    const state = (await commitsOf(store, { source: source.name, account: 'default', stream: 'calls' })).at(-1)?.state;
    return { ...result, ports, state, asked: server.pages.slice(before).map(({ next }) => next) };
  };
  return { vendor, server, run };
}

describe.each([
  { source: postbox, place: 'the body of a POST' },
  { source: oauthPhone, place: 'a query' },
])('a list with tokens in $place', ({ source }) => {
  test('is read page by page to its end, and each token is sent once', async () => {
    const { run, server } = await world(source);
    const result = await run('2026-11-01T09:00:00Z');
    expect(result).toMatchObject({ exitCode: 0, asked: [undefined, '1-4', '1-8'] });
    expect(result.streams[0]).toMatchObject({ status: 'ok', records: 10, changed: 10 });
    expect(new Set(server.pages.map(({ request }) => request.path)).size).toBe(1);
  });

  test('continues after a page that the vendor refuses', async () => {
    const { run, vendor } = await world(source, {
      answer: ({ next }) => (next === '1-8' ? { status: 404, body: '' } : undefined),
    });
    expect(await run('2026-11-01T09:00:00Z', 0)).toMatchObject({ exitCode: 4, asked: [undefined, '1-4', '1-8'] });
    vendor.answer = undefined;
    // What is new comes first; then the full scan continues at the last page that it took.
    const again = await run('2026-11-01T09:15:00Z');
    expect(again.exitCode).toBe(0);
    expect(again.asked.slice(-2)).toEqual(['1-4', '1-8']);
  });

  test('keeps its token in the commit, and continues with it after a run without time', async () => {
    const { run, vendor } = await world(source, { records: tokenCalls(20) });
    vendor.answer = ({ next }) => (next === '1-12' ? UNWILLING : undefined);
    const cut = await run('2026-11-01T09:00:00Z', 0);
    expect(cut).toMatchObject({ exitCode: 6, asked: [undefined, '1-4', '1-8', '1-12'] });
    expect(cut.state?.['scan']).toMatchObject({ position: { page: 4, token: '1-8' } });
    vendor.answer = undefined;
    const next = await run('2026-11-01T09:15:00Z');
    expect(next.exitCode).toBe(0);
    expect(next.asked.slice(-3)).toEqual(['1-8', '1-12', '1-16']);
    expect(next.state?.['scan']).toBeUndefined();
  });

  test('continues where it was if it is cut again before its first page', async () => {
    const { run, vendor } = await world(source, { records: tokenCalls(20) });
    vendor.answer = ({ next }) => (next === '1-12' ? UNWILLING : undefined);
    await run('2026-11-01T09:00:00Z', 0);
    vendor.answer = () => UNWILLING;
    expect((await run('2026-11-01T09:15:00Z')).state?.['scan']).toMatchObject({ position: { page: 4, token: '1-8' } });
    vendor.answer = undefined;
    expect((await run('2026-11-01T09:30:00Z')).asked.join()).toContain('1-8,1-12,1-16');
  });

  test('is read from its beginning if the vendor refuses the token after a cut, or if the list has moved', async () => {
    const { run, vendor } = await world(source, { records: tokenCalls(20) });
    const cutAt = (token: string) => {
      vendor.answer = ({ next }) => (next === token ? UNWILLING : undefined);
    };
    cutAt('1-12');
    await run('2026-11-01T09:00:00Z', 0);
    vendor.generation = 2;
    vendor.answer = undefined;
    const next = await run('2026-11-01T09:15:00Z');
    expect(next.exitCode).toBe(0);
    expect(next.asked.join()).toContain('2-4,2-8,2-12,2-16');
    // A list in windows begins its window again anyway.
    if (source === postbox)
      expect(next.ports.lines.map(({ message }) => message).join()).toContain(
        'the vendor does not show the page at which a read was cut; the list is read from its beginning',
      );
  });

  test.each([401, 403])('is read from its beginning if the vendor answers an old token with %i', async (status) => {
    const { run, vendor } = await world(source, { records: tokenCalls(20) });
    vendor.answer = ({ next }) => (next === '1-12' ? UNWILLING : undefined);
    await run('2026-11-01T09:00:00Z', 0);
    vendor.generation = 2;
    vendor.answer = ({ next }) => (next?.startsWith('1-') ? { status, body: '{}' } : undefined);
    const next = await run('2026-11-01T09:15:00Z');
    expect(next).toMatchObject({ exitCode: 0 });
    expect(next.asked.join()).toContain('2-4,2-8,2-12,2-16');
  });

  test('ends with the exit code of refused credentials if the vendor refuses its first page too', async () => {
    const { run, vendor, server } = await world(source, { records: tokenCalls(20) });
    vendor.answer = ({ next }) => (next === '1-12' ? UNWILLING : undefined);
    await run('2026-11-01T09:00:00Z', 0);
    const afterNewest = server.pages.length + 1;
    vendor.answer = ({ number }) => (number >= afterNewest ? { status: 401, body: '{}' } : undefined);
    expect(await run('2026-11-01T09:15:00Z')).toMatchObject({ exitCode: 2 });
  });

  test('goes on if each run has time for one page of the full scan alone', async () => {
    const { run, vendor, server } = await world(postbox, { records: tokenCalls(20) });
    let [records, requests] = [0, 0];
    for (const minutes of [10, 15, 20, 25, 30, 35]) {
      const before = server.pages.length;
      vendor.answer = ({ number }) => (number - before < 3 ? undefined : UNWILLING);
      const { streams, asked } = await run(`2026-11-01T09:${minutes}:00Z`);
      records += streams[0]?.changed ?? 0;
      requests = Math.max(requests, asked.length);
    }
    expect({ records, requests }).toEqual({ records: 20, requests: 4 });
  });

  test('is read from its beginning if an old token shows an empty page after a cut', async () => {
    const { run, vendor } = await world(postbox, { records: tokenCalls(20) });
    const bare = { json: { items: [], has_more: false } };
    vendor.answer = ({ next }) => (next === '1-12' ? UNWILLING : undefined);
    expect((await run('2026-11-01T09:00:00Z', 0)).streams[0]).toMatchObject({ changed: 12 });
    vendor.generation = 2;
    vendor.answer = ({ next }) => (next?.startsWith('1-') ? bare : undefined);
    const { exitCode, streams, asked } = await run('2026-11-01T09:15:00Z');
    expect({ exitCode, changed: streams[0]?.changed }).toEqual({ exitCode: 0, changed: 8 });
    expect(asked.join()).toContain('1-8,1-8,,2-4,2-8,2-12,2-16');
  });

  test('shows no token in a message, a log line or an object name', async () => {
    const { run } = await world(source, {
      answer: ({ next }) => (next === '1-4' ? { status: 418, body: '' } : undefined),
    });
    const result = await run('2026-11-01T09:00:00Z');
    expect(result.exitCode).toBe(4);
    const said = JSON.stringify([result.streams, result.ports.lines]);
    for (const text of ['1-4', 'access-1', 'client-secret', 'account/7', 'account%2F7', '127.0.0.1'])
      expect(said).not.toContain(text);
  });
});

/** A vendor that lists ten calls, of which three began in one second, by `answer`. */
async function listedBy(
  next: Answer['next'],
  answer: (asked: string | undefined, calls: TokenVendor['records']) => unknown,
) {
  const records = tokenCalls(10).map((call, n) => ({
    ...call,
    started_at: tokenCalls(10)[n === 4 || n === 5 ? 3 : n]?.started_at ?? '',
  }));
  const { calls } = postbox.streams;
  const paging = {
    ask: ({ next: token }: Ask) => ({ query: { from: token } }),
    answer: { records: 'items', total: 'total', ...(next === undefined ? {} : { next }) },
  };
  const source = { ...postbox, streams: { calls: { ...calls, ...paging } as Stream } };
  return world(source, {
    answer: ({ request }) => ({ json: { items: answer(request.query['from'], records), total: records.length } }),
  });
}

describe('a list whose next page begins', () => {
  test('at the last record’s value shows ties twice and loses none', async () => {
    const { run, server } = await listedBy(fromLast('started_at'), (from, calls) =>
      calls.filter(({ started_at }) => from === undefined || started_at <= from).slice(0, 4),
    );
    const result = await run('2026-11-01T09:00:00Z');
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.streams[0]).toMatchObject({ status: 'ok', changed: 10 });
    expect(server.pages.map(({ request }) => request.query['from']?.slice(11, 16))).toEqual([
      undefined,
      '05:00',
      '02:00',
      '23:00',
    ]);
    expect(server.requests).toHaveLength(4);
  });

  test('after a number of records counts those that were served, also if they are fewer than requested', async () => {
    const { run, server } = await listedBy(byOffset, (from, calls) =>
      calls.slice(Number(from ?? 0), Number(from ?? 0) + 3),
    );
    const result = await run('2026-11-01T09:00:00Z');
    expect(result).toMatchObject({ exitCode: 0 });
    expect(result.streams[0]).toMatchObject({ status: 'ok', changed: 10 });
    expect(server.pages.map(({ request }) => request.query['from'])).toEqual([undefined, '3', '6', '9', '10']);
  });
});

describe('a token for access', () => {
  test('is replaced in the middle of a list when the vendor refuses it', async () => {
    let valid = 'access-1';
    const { run, server } = await world(oauthPhone, { access: (token) => token === valid });
    server.pages.push = new Proxy(server.pages.push, {
      apply(push, pages, [asked]) {
        if (pages.length === 1) valid = 'access-2';
        return Reflect.apply(push, pages, [asked]);
      },
    });
    const result = await run('2026-11-01T09:00:00Z');
    expect(result).toMatchObject({ exitCode: 0, asked: [undefined, '1-4', '1-4', '1-8'] });
    const tokens = server.requests.filter(({ path }) => path === '/oauth/token');
    expect(tokens).toHaveLength(2);
    expect(Object.fromEntries(new URLSearchParams(tokens[0]?.body))).toEqual({
      grant_type: 'account_credentials',
      account_id: 'account/7',
    });
    expect(server.pages[0]?.request.path).toBe('/accounts/account%2F7/calls');
  });
});

test('tokens are requested where the environment says, and pages where they are', async () => {
  const server = await tokenServer({ records: tokenCalls(2), generation: 1, access: () => true });
  const login = await scriptedServer(() => ({ json: { access_token: 'access-1' } }));
  const env = { ...ENV, OAUTH_PHONE_BASE_URL: server.url, OAUTH_PHONE_TOKEN_URL: `${login.url}/login` };
  const settings = withEnvironment(parseSettings({}, 'test'), [oauthPhone], env);
  const request = { account: 'default', at: new Date('2026-11-01T09:00:00Z'), settings };
  expect((await extractAccount(oauthPhone, request, makePorts({ env }))).exitCode).toBe(0);
  expect(login.requests.map(({ path }) => path)).toEqual(['/login']);
  expect(server.requests.some(({ path }) => path === '/oauth/token')).toBe(false);
});
