import { extractAccount } from '../../../functions/extract/extract-account.ts';
import type { CollectionStream, Source, Stream } from '../../../functions/source/source.ts';
import type { Case, Outcome } from './case.ts';
import { DAILY_CASES } from './daily-cases.ts';
import { DETAILS_CASES } from './details-cases.ts';
import { LIST_CASES } from './list-cases.ts';
import { REQUEST_CASES } from './request-cases.ts';
import { type Extract, openWorld } from './world.ts';

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
    const unmade = whyNotMade(declared);
    if (unmade !== undefined) yield { stream, name: ALL, outcome: { notApplicable: unmade } };
    for (const one of unmade === undefined ? casesOf(declared) : []) {
      const why = one.whyNot?.(declared);
      const outcome =
        why === undefined ? await play(one, { source, stream, extract }) : ({ notApplicable: why } as const);
      yield { stream, name: one.name, outcome };
    }
    if (unmade === undefined && declared.kind === 'collection') yield* withoutCases(stream, declared);
  }
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

async function play(one: Case, subject: Parameters<typeof openWorld>[0]): Promise<Outcome> {
  return (await one.play(() => openWorld(subject))) ?? 'ok';
}

/** Why no vendor can be made from the declaration of a stream. */
function whyNotMade(stream: Stream): string | undefined {
  if (stream.kind === 'details') return undefined;
  if (stream.read) return 'answers are read by a function (read), so that none can be made from the declaration';
  return stream.tables[0].explode ? 'records are made of parts of an answer (explode)' : undefined;
}
