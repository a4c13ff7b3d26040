import { describe, expect, test, vi } from 'vitest';
import { handler } from '../../../../functions/aws/lambda/extract-lambda.ts';
import { lambdaProcess } from '../../../../functions/aws/lambda/lambda-ports.ts';
import type { ExtractResult } from '../../../../functions/results.ts';
import { AT, HOUR_MS } from '../../../helpers/clinic.ts';
import { CANARY, contextFor, lambdaWorld, SECRET } from '../../../helpers/lambda-world.ts';
import { solumCalls, solumServer } from '../../../helpers/solum-server.ts';

const world = lambdaWorld();
const extract = async (...given: Parameters<typeof handler>) => (await handler(...given)) as ExtractResult;

describe('the extract Lambda', () => {
  test('extracts its account, and emits its freshness', async () => {
    const result = await extract(world.tick(), contextFor(60_000));
    expect(result).toMatchObject({ source: 'kalem', account: 'default', exitCode: 0 });
    expect(world.figures()).toEqual([
      // Of the statement that looks for rows of a lost commit log.
      { ScannedBytes: 10, stage: 'dev' },
      { RejectedValues: expect.any(Number), stage: 'dev' },
      { FreshnessMinutes: 0, stage: 'dev', source: 'kalem', account: 'default' },
      { RemovalsHeld: 0, stage: 'dev' },
    ]);
    expect([...world.s3.objects.keys()].filter((key) => key.includes('/commits/kalem/default/calls/'))).not.toEqual([]);
  });

  test('changes nothing if it runs twice at the same time', async () => {
    await extract(world.tick(), contextFor(60_000));
    const again = await extract(world.tick(), contextFor(60_000));
    expect(again.streams.map(({ changed }) => changed)).toEqual(again.streams.map(() => 0));
  });

  test('returns at once if another copy is running', async () => {
    const lease = { host: 'elsewhere', pid: 1, born: 'x', at: Date.now() };
    world.s3.objects.set('lake/leases/kalem/default/000000000001.json', Buffer.from(JSON.stringify(lease)));
    expect(await extract(world.tick(), contextFor(60_000))).toMatchObject({
      exitCode: 0,
      streams: [],
      error: /another run/,
    });
  });

  test('takes over a lease of its own environment, which handles one event after another', async () => {
    const lease = { ...lambdaProcess({ awsRequestId: 'earlier' }), at: Date.now() };
    world.s3.objects.set('lake/leases/kalem/default/000000000001.json', Buffer.from(JSON.stringify(lease)));
    expect(await extract(world.tick(), contextFor(60_000))).toMatchObject({
      exitCode: 0,
      streams: [{ stream: 'calls' }],
    });
  });

  test('stops in time with exit 6, and continues at the next ticks until everything is read', {
    timeout: 60_000,
  }, async () => {
    const slow = { sources: { kalem: { baseUrl: world.vendors.env['KALEM_BASE_URL'], maxRps: 2 } } };
    vi.stubEnv('CALLHOUSE_SETTINGS', JSON.stringify(slow));
    const codes: number[] = [];
    for (let n = 0; n < 10 && codes.at(-1) !== 0; n += 1)
      codes.push((await extract(world.tick(n), contextFor(2_000))).exitCode);
    expect(codes[0]).toBe(6);
    expect(codes.at(-1)).toBe(0);
  });

  test('emits at every run how many removals are held, also if it cannot read or another copy is running', async () => {
    const calls = solumCalls(30);
    const server = await solumServer(calls);
    vi.stubEnv('CALLHOUSE_SOURCE', 'solum');
    vi.stubEnv('CALLHOUSE_SETTINGS', JSON.stringify({ sources: { solum: { baseUrl: server.url, maxRps: 1000 } } }));
    world.secrets.secrets.set(SECRET, '{"SOLUM_API_KEY":"key"}');
    const run = (hours: number) => extract({ at: new Date(AT + hours * HOUR_MS).toISOString() }, contextFor(60_000));
    await run(0);
    calls.splice(0, 28);
    await run(72);
    expect(await run(73)).toMatchObject({ exitCode: 4, error: expect.stringContaining('28 records are missing') });
    expect(await run(74)).toMatchObject({ exitCode: 0 });
    world.secrets.secrets.set(SECRET, '{"SOLUM_API_KEY":"REPLACE_ME"}');
    expect(await run(75)).toMatchObject({ exitCode: 2, error: expect.stringContaining('placeholder') });
    const lease = { host: 'elsewhere', pid: 1, born: 'x', at: Date.now() };
    world.s3.objects.set('lake/leases/solum/default/999999999999.json', Buffer.from(JSON.stringify(lease)));
    expect(await run(76)).toMatchObject({ exitCode: 0, error: expect.stringContaining('another run') });
    const held = world
      .figures()
      .flatMap(({ RemovalsHeld: value, ...of }) => (value === undefined ? [] : [{ value, ...of }]));
    expect(held).toEqual([0, 0, 28, 28, 28, 28].map((value) => ({ value, stage: 'dev' })));
  });

  test('does not count refused values again if no row has changed since', async () => {
    const calls = solumCalls(60).map((call, n) => (n < 2 ? { ...call, sessions_scheduled: 'many' } : call));
    const server = await solumServer(calls);
    vi.stubEnv('CALLHOUSE_SOURCE', 'solum');
    world.secrets.secrets.set(SECRET, '{"SOLUM_API_KEY":"k"}');
    vi.stubEnv('CALLHOUSE_SETTINGS', JSON.stringify({ sources: { solum: { baseUrl: server.url, maxRps: 1000 } } }));
    for (const at of ['2026-11-01T08:05:00Z', '2026-11-01T08:20:00Z'])
      expect(await extract({ at }, contextFor(60_000))).toMatchObject({ streams: [{ rejected: 2 }] });
    await server.close();
    const counted = world.figures().flatMap(({ RejectedValues: values }) => (values === undefined ? [] : [values]));
    expect(counted).toEqual([2, 0]);
  });

  test('refuses an event for another account', async () => {
    const event = { ...world.tick(), account: 'north' };
    expect(await extract(event, contextFor(60_000))).toMatchObject({
      exitCode: 2,
      error: expect.stringContaining('event is for another source or account'),
    });
    expect(await extract({ at: 'soon' }, contextFor(60_000))).toMatchObject({
      exitCode: 2,
      error: expect.stringMatching(/at: .*an instant with Z/),
    });
  });

  test.each([
    { says: 'a credential is still the placeholder', code: 2, error: /KALEM_API_TOKEN in .* is still the placeholder/ },
    { says: "the vendor's answer is not what its document says", code: 4, error: /kalem\.calls/ },
  ])('returns, logs and counts that $says, and throws nothing, so that no event becomes a dead letter', async (one) => {
    if (one.code === 2) world.secrets.secrets.set(SECRET, '{"KALEM_API_TOKEN":"REPLACE_ME"}');
    else vi.stubEnv('CALLHOUSE_SETTINGS', JSON.stringify({ sources: { kalem: { baseUrl: world.s3.url } } }));
    expect(await extract(world.tick(), contextFor(60_000))).toMatchObject({
      exitCode: one.code,
      error: expect.stringMatching(one.error),
    });
    expect(world.figures()).toContainEqual({ RunOutcome: 1, stage: 'dev', code: String(one.code) });
    const logged = world.lines.filter((line) => line.includes('"level":"ERROR"')).map((line) => JSON.parse(line));
    expect(logged.at(-1)).toMatchObject({ message: expect.stringMatching(one.error), exitCode: one.code });
  });

  test('writes no value of a record into its log', async () => {
    await extract(world.tick(), contextFor(60_000));
    expect(world.lines.length).toBeGreaterThan(0);
    expect(world.lines.join('\n')).not.toContain(CANARY);
  });
});
