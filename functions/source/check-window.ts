import { durationMs, isDuration } from '../time.ts';
import { checkDurations, type Fault } from './fault.ts';
import type { Stream, WindowRule } from './source.ts';

const FORMATS = ['iso', 'iso-offset', 'iso-seconds', 'day', 'seconds', 'millis'];
/** Windows must be longer than this, so that each has more than it shares with the next one. */
const LEAST = { day: '1d', other: '2m' };

/** Finds what is wrong in how far a stream's answers reach. @param place of the stream, for the faults */
export function* checkWindow(stream: Stream, place: string): Iterable<Fault> {
  const { window } = stream;
  if (!window) return;
  const { by, as } = window;
  const at = `${place}.window`;
  if (!isTime(stream, by))
    yield {
      at: `${at}.by`,
      seen: `there is no time ${by}`,
      expected: `a timestamp or date of ${stream.tables[0].name}`,
    };
  if (!FORMATS.includes(as)) yield { at: `${at}.as`, seen: 'it is unknown', expected: `one of ${FORMATS.join(', ')}` };
  if (window.end !== undefined && !['included', 'excluded'].includes(window.end))
    yield { at: `${at}.end`, seen: 'it is unknown', expected: "'included' or 'excluded'" };
  yield* checkLongest(window, at);
  yield* checkRequired(stream, window, at);
  yield* checkCap(stream, window, at);
}

function isTime({ tables: [{ columns }] }: Stream, name: string): boolean {
  return columns[name]?.type === 'timestamp' || columns[name]?.type === 'date';
}

function* checkLongest({ longest, as }: WindowRule, at: string): Iterable<Fault> {
  if (longest === undefined) return;
  yield* checkDurations(at, { longest });
  const least = as === 'day' ? LEAST.day : LEAST.other;
  if (isDuration(longest) && durationMs(longest) <= durationMs(least))
    yield { at: `${at}.longest`, seen: `it is ${longest}`, expected: `more than ${least}` };
}

/** Checks that `_part_on` says whether a scan in windows covered a record. */
function* checkRequired(stream: Stream, { required, by }: WindowRule, at: string): Iterable<Fault> {
  if (required === undefined) return;
  yield* checkDurations(`${at}.required`, { back: required.back });
  if (stream.kind !== 'collection')
    yield { at: `${at}.required`, seen: `the stream is ${stream.kind}`, expected: 'a collection' };
  const [{ name, partOn }] = stream.tables;
  if (partOn !== by)
    yield {
      at: `${at}.required`,
      seen: `${name} is filed by ${partOn ?? 'the day a row was first seen'}`,
      expected: `partOn: ${JSON.stringify(by)}, because removals are proven by it`,
    };
}

function* checkCap(
  { pageSize, largestPage = pageSize, kind }: Stream,
  window: WindowRule,
  at: string,
): Iterable<Fault> {
  const { cap, longest, required } = window;
  if (cap === undefined) return;
  if (!Number.isInteger(cap) || cap <= largestPage)
    yield {
      at: `${at}.cap`,
      seen: `it is ${cap}`,
      expected: `a whole number above that of a page, which is ${largestPage}`,
    };
  if (longest !== undefined && required === undefined && kind === 'collection')
    yield {
      at: `${at}.required`,
      seen: 'it is missing, and a full list that reaches cap would be split into windows since 1970',
      expected: "{ back }, such as { back: '730d' }, because longest limits each of them",
    };
}
