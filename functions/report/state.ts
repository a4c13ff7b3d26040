import { DAY_MS } from '../time.ts';
import type { Account, StreamFreshness } from './facts.ts';
import type { ReportRequest } from './report-request.ts';
import { lag } from './words.ts';

/** `good`: read lately. `late`: behind. `bad`: behind by more than a day, or never read. */
export type StateTone = 'good' | 'late' | 'bad';

/** How far an account was read. */
export interface AccountState extends Account {
  readonly tone: StateTone;
  /** E.g. `2 days behind`. */
  readonly text: string;
  /** How far its stream that is furthest behind was read; null: never. */
  readonly through: Date | null;
  readonly streams: number;
  /** Names of the streams that are behind. */
  readonly behind: readonly string[];
  /** True if the last run of a stream did not end well. */
  readonly isFailing: boolean;
}

/** How far everything was read. */
export interface DataState {
  readonly tone: StateTone;
  readonly accounts: readonly AccountState[];
}

const TONES: readonly StateTone[] = ['good', 'late', 'bad'];

/** Judges how far each account was read when the page was made. */
export function dataState(
  streams: readonly StreamFreshness[],
  request: Pick<ReportRequest, 'at' | 'staleAfterMs'>,
): DataState {
  const names = [...new Set(streams.map(keyOf))];
  const states = names.map((name) =>
    accountState(
      streams.filter((stream) => keyOf(stream) === name),
      request,
    ),
  );
  return { tone: worst(states.map(({ tone }) => tone)), accounts: states };
}

function keyOf({ source, account }: Account): string {
  return `${source} ${account}`;
}

function accountState(
  streams: readonly StreamFreshness[],
  request: Pick<ReportRequest, 'at' | 'staleAfterMs'>,
): AccountState {
  const [{ source = '', account = '' } = {}] = streams;
  const tones = streams.map((stream) => toneOf(stream, request));
  const tone = worst(tones);
  const times = streams.map(({ through }) => through?.getTime() ?? Number.NEGATIVE_INFINITY);
  const oldest = Math.min(...times);
  const through = Number.isFinite(oldest) ? new Date(oldest) : null;
  const behindMs = request.at.getTime() - oldest;
  return {
    ...{ source, account, tone, through, streams: streams.length },
    text: through === null ? 'never read' : tone === 'good' ? 'up to date' : `${lag(behindMs)} behind`,
    behind: streams.filter((_, n) => tones[n] !== 'good').map(({ stream }) => stream),
    isFailing: streams.some(({ lastStatus }) => lastStatus === 'failed'),
  };
}

function toneOf(
  { through }: StreamFreshness,
  { at, staleAfterMs }: Pick<ReportRequest, 'at' | 'staleAfterMs'>,
): StateTone {
  if (through === null) return 'bad';
  const behindMs = at.getTime() - through.getTime();
  if (behindMs <= staleAfterMs) return 'good';
  return behindMs <= staleAfterMs + DAY_MS ? 'late' : 'bad';
}

function worst(tones: readonly StateTone[]): StateTone {
  return TONES.findLast((tone) => tones.includes(tone)) ?? 'good';
}
