import { extractAccount } from '../../../functions/extract/extract-account.ts';
import type { CollectionStream, Source, Stream } from '../../../functions/source/source.ts';
import type { Case, Outcome } from './case.ts';
import { DAILY_CASES } from './daily-cases.ts';
import { DETAILS_CASES } from './details-cases.ts';
import { LIST_CASES } from './list-cases.ts';
import { madeOptions } from './made-options.ts';
import { isMade } from './make-lists.ts';
import { REQUEST_CASES } from './request-cases.ts';
import { type Extract, openWorld, type Subject, type World } from './world.ts';

/** Every case, in the order of the output. */
export const CASES: readonly Case[] = [...LIST_CASES, ...REQUEST_CASES, ...DETAILS_CASES, ...DAILY_CASES];

/** Name of the result of a stream to which no case applies. */
const ALL = 'every case';

/** Cases of streams of one kind, and the name of their result for the others. */
const CASES_OF_KIND = {
  details: { name: 'details of its records', cases: DETAILS_CASES, none: 'no details of its records are declared' },
  daily: { name: 'figures of days', cases: DAILY_CASES, none: 'it is a list of records' },
};

/** How one case came out for one stream. */
export interface CaseResult {
  readonly stream: string;
  readonly name: string;
  readonly outcome: Outcome;
}

/**
 * Plays each case for each stream, against a vendor that is made from the declaration. It proves that the declaration agrees with
 * itself, not that it agrees with the vendor. It writes nothing.
 * @param extract @default what a run does
 */
export async function* checkConformance(source: Source, extract: Extract = extractAccount): AsyncIterable<CaseResult> {
  for (const [stream, declared] of Object.entries(source.streams)) {
    const unmade = whyNotMade(source, stream);
    const made = unmade === undefined ? madeOptions(source, stream) : { credentials: {} };
    if (unmade !== undefined) {
      yield { stream, name: ALL, outcome: { notApplicable: unmade } };
    } else if ('seen' in made) {
      yield { stream, name: ALL, outcome: { what: 'nothing is checked', ...made, remedy: 'check partitions' } };
    } else {
      yield* playCases(declared, { source, stream, extract, credentials: made.credentials });
    }
  }
}

async function* playCases(declared: Stream, subject: Subject): AsyncIterable<CaseResult> {
  const { stream } = subject;
  for (const one of casesOf(declared)) {
    const why = one.whyNot?.(declared);
    const outcome = why === undefined ? await play(one, subject) : ({ notApplicable: why } as const);
    yield { stream, name: one.name, outcome };
  }
  if (declared.kind === 'collection') yield* withoutCases(stream, declared);
}

/** Streams of details and of days have cases of their own, besides those of any stream. */
function casesOf({ kind }: Stream): readonly Case[] {
  const others = Object.entries(CASES_OF_KIND).flatMap(([of, { cases }]) => (of === kind ? [] : cases));
  return CASES.filter((one) => !others.includes(one));
}

/** What a collection has no cases of. Those of its details are played for the stream that has them. */
function* withoutCases(stream: string, { details }: CollectionStream): Iterable<CaseResult> {
  for (const [kind, { name, none }] of Object.entries(CASES_OF_KIND))
    if (kind !== 'details' || details === undefined) yield { stream, name, outcome: { notApplicable: none } };
}

/** A case in which nothing happened says nothing, though nothing is wrong either. */
async function play(one: Case, subject: Subject): Promise<Outcome> {
  const worlds: World[] = [];
  const found = await one.play(async () => {
    const world = await openWorld(subject);
    worlds.push(world);
    return world;
  });
  return found ?? whyUnplayed(worlds) ?? 'ok';
}

function whyUnplayed(worlds: readonly World[]): Outcome | undefined {
  const played = worlds.map(({ vendor }) => vendor.played);
  const isPlayed = played.some(({ answered }) => answered > 0) || played.every(({ asked }) => asked === 0);
  return isPlayed ? undefined : { notApplicable: 'not checked: no run makes the request that it is about' };
}

/** Why no vendor can be made from the declaration of a stream. */
function whyNotMade(source: Source, name: string): string | undefined {
  const stream = source.streams[name];
  if (!stream || stream.kind === 'details') return undefined;
  if (stream.read) return 'answers are read by a function (read), so that none can be made from the declaration';
  if (stream.tables[0].explode) return 'records are made of parts of an answer (explode)';
  const parent = unmadeParent(source, stream);
  return parent && `not checked: its lists depend on records of ${parent}, of which none can be made`;
}

/** A stream by whose records partitions are listed, and of which no records can be made. */
function unmadeParent({ streams }: Source, { partitions }: Stream): string | undefined {
  const asked: string[] = [];
  const recordsOf = (name: string) => {
    asked.push(name);
    return new Map();
  };
  try {
    for (const _partition of partitions?.({ recordsOf, options: {} }) ?? []) break;
  } catch {
    // What fails without records and options is judged with them.
  }
  return asked.find((name) => streams[name] && !isMade(streams[name]));
}
