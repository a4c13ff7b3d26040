import { expect, test } from 'vitest';
import { parseSettings } from '../../../../functions/settings.ts';
import { type CollectionStream, defineSource } from '../../../../functions/source/source.ts';
import { checkOnline } from '../../../../local/commands/check-source/check-online.ts';
import capped from '../../../fixtures/sources/capped.ts';
import { secretsIn, sharedHttp } from '../../../helpers/ports.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';

const NOW = Math.floor(Date.now() / 1000);
const DAY = 86_400;
/** Calls of the last 60 days, one a day, newest first. */
const CALLS = Array.from({ length: 60 }, (_, n) => ({ id: `c${n}`, started_at: NOW - n * DAY, opt_out: false }));

/** What a vendor does with the window of a request; undefined if it refuses the request. */
type Shown = (from: number | undefined, to: number | undefined) => typeof CALLS | undefined;

const within: Shown = (from = 0, to = Infinity) => CALLS.filter(({ started_at: at }) => at >= from && at <= to);

/** Checks a list with a filter on time against a vendor. @returns what was said of its windows */
async function online(shown: Shown, window: Partial<CollectionStream['window']> = {}) {
  const { url } = await scriptedServer(({ query }) => {
    const numberOf = (name: string) => (query[name] === undefined ? undefined : Number(query[name]));
    const all = shown(numberOf('from'), numberOf('to'));
    if (!all) return { status: 400, body: '{}' };
    const end = Number(query['page']) * Number(query['per_page']);
    const link = end < all.length ? 'https://elsewhere.example/next' : null;
    const calls = all.slice(end - Number(query['per_page']), end);
    return { json: { calls, meta: { current_page: Number(query['page']), total: all.length, next_page_link: link } } };
  });
  const { calls } = capped.streams;
  if (calls?.kind !== 'collection') throw new Error('no calls');
  const rule = { by: 'started_at', as: 'seconds', ...window } as const;
  const source = defineSource({ ...capped, streams: { calls: { ...calls, details: {}, window: rule } } });
  const settings = parseSettings({ sources: { capped: { baseUrl: url, maxRps: 1000 } } }, 'test');
  const secrets = secretsIn({ CAPPED_API_ID: 'x', CAPPED_API_TOKEN: 'y' });
  const lines: string[] = [];
  const asked = {
    source,
    account: 'default',
    settings,
    secrets,
    fetch: sharedHttp,
    signal: new AbortController().signal,
  };
  for await (const { results } of checkOnline(asked))
    for (const { name, isOk, seen } of results)
      if (isOk === false || name === 'window' || name === 'reach') lines.push(`${name} ${isOk}: ${seen}`);
  return lines;
}

test.each([
  {
    vendor: 'heeds the window',
    shown: within,
    says: ['window true: 0 of 1 records of a window of twelve hours began outside it'],
  },
  {
    vendor: 'shows everything whatever is asked for',
    shown: (() => CALLS) satisfies Shown,
    says: [
      expect.stringMatching(
        /^window false: [1-4] of 4 records .* began outside it; check window\.by and window\.as, and from/,
      ),
    ],
  },
  {
    vendor: 'shows nothing in any window',
    shown: ((from) => (from === undefined ? CALLS : [])) satisfies Shown,
    says: [
      expect.stringMatching(/^window false: a window of twelve hours around a known record is empty; check window\.by/),
    ],
  },
  {
    vendor: 'refuses windows',
    shown: ((from) => (from === undefined ? CALLS : undefined)) satisfies Shown,
    says: [expect.stringContaining('window false: capped.calls: GET /v1/calls answered 400')],
  },
  {
    vendor: 'shows the last days only if no window is requested',
    shown: ((from, to) => within(from ?? NOW - 3 * DAY, to)) satisfies Shown,
    says: [
      expect.stringContaining('window true'),
      expect.stringMatching(/^reach false: a window before .* list has 4 more; declare window.required/),
    ],
  },
])('check-source --online: a vendor that $vendor', async ({ shown, says }) => {
  expect(await online(shown)).toEqual(says);
});

test('check-source --online requests a window if the declaration says that it is required', async () => {
  const refusing: Shown = (from, to) => (from === undefined || to === undefined ? undefined : within(from, to));
  expect(await online(refusing)).toEqual([
    expect.stringContaining('page 1 false: capped.calls: GET /v1/calls answered 400'),
  ]);
  const required = { required: { back: '365d' } };
  expect(await online(refusing, required)).toEqual([expect.stringContaining('window true: 0 of 1')]);
});
