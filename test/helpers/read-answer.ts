import { type PageRequest, WHOLE_STREAM } from '../../functions/source/page.ts';
import type { Answer, ListPaging } from '../../functions/source/paging.ts';
import { variantsOf } from '../../functions/source/variants.ts';

/** A list without anything particular. */
export const stream: ListPaging = { path: '/calls', ask: () => ({}) };

/** Reads one answer of a list. */
export function readAnswer(answer: Answer | undefined, body: unknown, request: Partial<PageRequest> = {}) {
  const [variant] = variantsOf({ ...stream, ...(answer ? { answer } : {}) });
  return variant.read(body, { partition: WHOLE_STREAM, page: 1, size: 2, ...request });
}

/** Reads it when called. */
export const readingAnswer =
  (...given: Parameters<typeof readAnswer>) =>
  () =>
    readAnswer(...given);
