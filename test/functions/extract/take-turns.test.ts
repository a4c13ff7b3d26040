import { describe, expect, test } from 'vitest';
import { CredentialsError, OutOfTimeError, SourceUnavailableError } from '../../../functions/errors.ts';
import { takeTurns } from '../../../functions/extract/take-turns.ts';
import type { StreamResult } from '../../../functions/results.ts';
import { headers } from '../../../functions/source/auth.ts';
import { defineSource, type Stream } from '../../../functions/source/source.ts';
import { DAY_MS } from '../../../functions/time.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import {
  UNIT_AT,
  type UnitAnswer,
  type UnitOptions,
  unitRecord,
  unitSession,
  unitStream,
  unitTable,
} from '../../helpers/session.ts';
import { siblingsWith } from '../../helpers/siblings.ts';

const onePage: UnitAnswer = ({ request }) => ({ records: [unitRecord(request.path.slice(1))], more: false });

interface Turns {
  /** Names of the streams, in their order; each is requested by its name. */
  readonly names: readonly string[];
  readonly answer?: UnitAnswer;
  readonly wanted?: readonly string[];
  readonly hasTime?: boolean;
  /** What a stream declares besides its path; all of them under the name `*`. */
  readonly declared?: Readonly<Record<string, Partial<Stream>>>;
  readonly options?: Readonly<Record<string, string>>;
  readonly run?: Pick<UnitOptions, 'store' | 'at'>;
}

/** Runs small streams, and notes which were given all the time that was left. */
async function turns({
  names,
  answer = onePage,
  wanted = names,
  hasTime = true,
  declared = {},
  options = {},
  run,
}: Turns) {
  const asked: string[] = [];
  const { session, ports } = await unitSession({
    ...run,
    siblings: siblingsWith([], options),
    answer: (request) => {
      asked.push(request.request.path.slice(1));
      return answer(request);
    },
  });
  const streams = Object.fromEntries(
    names.map((name) => [name, { ...unitStream, ...declared['*'], ...declared[name], path: `/${name}` } as Stream]),
  );
  const auth = headers({ 'x-unit-key': 'UNIT_KEY' });
  const source = defineSource({ name: 'unit', baseUrl: 'https://unit.example', auth, streams });
  const shares: boolean[] = [];
  const time = { reserveMs: () => 0, share: (isLast: boolean) => void shares.push(isLast) };
  const known = new Map();
  const results: StreamResult[] = [];
  await takeTurns(
    { ...session, source, client: { ...session.client, hasTime: () => hasTime } },
    { streams: known, results, time, isWanted: (name) => wanted.includes(name) },
  );
  return { asked, shares, results, known: [...known.keys()], lines: ports.lines };
}

/** An answer that is late the first time that a stream is requested. */
function lateOnce(stream: string): UnitAnswer {
  let isLate = true;
  return (request) => {
    if (!isLate || request.request.path !== `/${stream}`) return onePage(request);
    isLate = false;
    return new OutOfTimeError('late');
  };
}

describe('the streams of a run', () => {
  test('are read in their order; the last one gets all the time that is left', async () => {
    const { asked, shares, results, known } = await turns({ names: ['a', 'b', 'c'] });
    expect([asked, shares, known]).toEqual([
      ['a', 'b', 'c'],
      [false, false, true],
      ['a', 'b', 'c'],
    ]);
    expect(results.map(({ stream, status }) => [stream, status])).toEqual(['a', 'b', 'c'].map((name) => [name, 'ok']));
  });

  test('that nobody wants are not read; none after the last one wanted takes time from it', async () => {
    const { asked, shares, results } = await turns({ names: ['a', 'b', 'c'], wanted: ['b'] });
    expect([asked, shares]).toEqual([['b'], [false, true, true]]);
    expect(results.map(({ stream }) => stream)).toEqual(['b']);
  });

  test('are logged with what they came to, each once', async () => {
    const { lines } = await turns({ names: ['a'] });
    const fields = {
      ...{ source: 'unit', account: 'default', stream: 'a', status: 'ok' },
      ...{ requests: 1, records: 1, changed: 1, deleted: 0, rejected: 0 },
    };
    expect(lines).toEqual([{ level: 'info', message: 'stream done', fields }]);
  });
});

describe('a stream that an option replaces', () => {
  const declared = { a: { skipWhenOptionSet: 'UNIT_IDS' } };

  test('is not read if the option is set', async () => {
    const unset = await turns({ names: ['a', 'b'], declared });
    expect([unset.asked, unset.results.map(({ error }) => error)]).toEqual([
      ['a', 'b'],
      [undefined, undefined],
    ]);
    const { asked, known, shares } = await turns({ names: ['a', 'b'], declared, options: { UNIT_IDS: '1' } });
    expect([asked, known, shares]).toEqual([['b'], ['b'], [true]]);
  });

  test('says so if it fails', async () => {
    const answer: UnitAnswer = () => new SourceUnavailableError('the vendor is down');
    const { results } = await turns({ names: ['a', 'b'], declared, answer });
    expect(results[0]?.error).toMatch(/^the vendor is down\. If this list is not available to you, set .*UNIT_IDS/);
    expect(results[1]?.error).toBe('the vendor is down');
  });
});

describe('a stream that was cut', () => {
  test('has another turn after all others, with the time that they left, and one result', async () => {
    const { asked, shares, results, lines } = await turns({ names: ['a', 'b'], answer: lateOnce('a') });
    // Its last turn goes on with the full scan that had begun.
    expect(asked).toEqual(['a', 'b', 'a', 'a']);
    expect(shares).toEqual([false, false, true]);
    expect(results.map(({ stream, status, exitCode }) => [stream, status, exitCode])).toEqual([
      ['a', 'ok', 0],
      ['b', 'ok', 0],
    ]);
    expect(lines.map(({ message, fields }) => [message, fields['stream']])).toEqual([
      ['stream done', 'b'],
      ['stream done', 'a'],
    ]);
  });

  test('has another turn too if it has no full scan', async () => {
    const declared = { '*': { kind: 'daily', historyFrom: [] } } as const;
    const { asked, results } = await turns({ names: ['a', 'b'], answer: lateOnce('a'), declared });
    expect(asked).toEqual(['a', 'b', 'a']);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  test('has another turn for a full scan that was cut after what is new was read', async () => {
    const store = memoryStore();
    const declared = { '*': { window: { by: 'at', as: 'iso' } } } as const;
    await turns({ names: ['a', 'b'], declared, run: { store } });
    let requests = 0;
    const answer: UnitAnswer = (request) => {
      if (request.request.path === '/a') requests += 1;
      return requests === 2 && request.request.path === '/a' ? new OutOfTimeError('late') : onePage(request);
    };
    const run = { store, at: UNIT_AT + 9 * DAY_MS };
    const { asked, shares, results } = await turns({ names: ['a', 'b'], declared, run, answer });
    expect([asked.slice(0, 3), shares]).toEqual([
      ['a', 'a', 'b'],
      [false, false, true],
    ]);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([0, 0]);
  });

  test('has none if no time is left, and keeps its first result', async () => {
    const { asked, results, lines } = await turns({ names: ['a', 'b'], answer: lateOnce('a'), hasTime: false });
    expect(asked).toEqual(['a', 'b']);
    expect(results.map(({ status, exitCode }) => [status, exitCode])).toEqual([
      ['partial', 6],
      ['ok', 0],
    ]);
    expect(lines.at(-1)).toMatchObject({ level: 'error', message: expect.stringContaining('late') });
  });

  test('has none if it was alone with all the time', async () => {
    const { asked, shares } = await turns({ names: ['a'], answer: lateOnce('a') });
    expect([asked, shares]).toEqual([['a'], [true]]);
  });

  test.each([
    { says: 'of those of a stream that has another turn have one too', parent: 'a', count: 7 },
    { says: 'of those of another stream have none', parent: 'c', count: 6 },
  ])('details $says', async ({ parent, count }) => {
    const answers = ['a', 'b'].map(lateOnce);
    const answer: UnitAnswer = (request) =>
      answers[['/a', '/b'].indexOf(request.request.path)]?.(request) ?? onePage(request);
    const details = { kind: 'details', parent, parentTable: unitTable, partitions: () => [] } as const;
    const { shares } = await turns({ names: ['a', 'b', 'c', 'd'], answer, declared: { d: details } });
    expect(shares).toHaveLength(count);
  });

  test.each([
    { says: 'has all the time at last', late: ['a', 'b'], shares: [false, false, false, true] },
    { says: 'but not the last one, if none waits', late: ['c'], shares: [false, false, true] },
  ])('$says', async ({ late, shares: expected }) => {
    const answers = late.map(lateOnce);
    const answer: UnitAnswer = (request) =>
      answers[late.indexOf(request.request.path.slice(1))]?.(request) ?? onePage(request);
    const { shares } = await turns({ names: late.includes('c') ? ['a', 'b', 'c'] : ['a', 'b'], answer });
    expect(shares).toEqual(expected);
  });
});

describe('a stream that failed', () => {
  test('does not stop the others if it had no answer', async () => {
    const answer: UnitAnswer = (request) =>
      request.request.path === '/a' ? new SourceUnavailableError('down') : onePage(request);
    const { asked, results, lines } = await turns({ names: ['a', 'b'], answer });
    expect(asked).toEqual(['a', 'b']);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([3, 0]);
    expect(lines.map(({ level }) => level)).toEqual(['error', 'info']);
  });

  test('stops them if its credentials were refused, also those that wait for another turn', async () => {
    const late = lateOnce('a');
    const answer: UnitAnswer = (request) =>
      request.request.path === '/b' ? new CredentialsError('refused') : late(request);
    const { asked, results } = await turns({ names: ['a', 'b', 'c'], answer });
    expect(asked).toEqual(['a', 'b']);
    expect(results.map(({ exitCode }) => exitCode)).toEqual([6, 2]);
  });
});
