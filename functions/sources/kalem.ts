import { valueAtPath } from '../../schemas/json-text.ts';
import { kalemCalls } from '../../schemas/tables/kalem.ts';
import { bearer } from '../source/auth.ts';
import type { Ownership, Partition, Sighting } from '../source/page.ts';
import { defineSource } from '../source/source.ts';

/**
 * The places where Laravel's envelopes have a field: an API resource, an older form, a plain paginator, and one of these that is the
 * `data` of another envelope.
 */
const inEnvelopes = (...names: readonly string[]) =>
  ['meta.', 'pagination.', '', 'data.meta.', 'data.'].flatMap((parent) => names.map((name) => `${parent}${name}`));

const RECORDS = ['data', 'data.data'];
const LINKS = ['links.next', 'next_page_url', 'data.links.next', 'data.next_page_url'];

const CURSORS = inEnvelopes('next_cursor');

/** True if the answer is not that of a paginator with cursors, which has null on the last page: then the list is read by page number. */
function hasNoCursor(body: unknown): boolean {
  return CURSORS.every((path) => valueAtPath(body, path.split('.')) === undefined);
}

const DIRECTIONS = ['inbound', 'outbound'];
const PARTITIONS: readonly Partition[] = [
  ...DIRECTIONS.map((direction) => ({ id: direction, context: {}, query: { direction } })),
  { id: 'any', context: {}, sweepOnly: true },
];

/** Group of calls that the lists of both directions contain. */
const BOTH = 'both';

/**
 * Decides the direction of a call. The record has no such field, so the list that contains the call says it. If both lists
 * contain it, the vendor ignored the filter.
 */
function assignDirection({ partition, earlier, known, sweep, isShownBeside }: Sighting): Ownership {
  const seenIn = DIRECTIONS.filter((direction) => direction === partition || earlier.includes(direction));
  if (seenIn.length === 2 || (known === BOTH && partition !== 'any' && seenIn.length > 0)) {
    return {
      group: BOTH,
      context: { direction: null },
      warning:
        'calls are in the inbound and the outbound list: the vendor ignores the direction filter; their direction is null',
    };
  }
  // A call that is newer than the scan's lists of directions is in none of them, and was shown by an incremental read.
  const isInNeither = sweep && !isShownBeside;
  const direction = seenIn[0] ?? (isInNeither ? 'none' : (known ?? 'none'));
  return { group: direction, context: { direction: DIRECTIONS.includes(direction) ? direction : null } };
}

/**
 * Kalem: `GET /api/v1/calls`, read once per direction, and in a full scan also without a direction. A deleted call is no longer
 * listed; nothing else announces it. The document ("Calls API") says "paginated" and shows no answer, so every form of Laravel is
 * accepted, also links only, or none.
 * @see {@link https://laravel.com/docs/eloquent-resources#pagination}
 * @see {@link https://laravel.com/docs/pagination#converting-results-to-json}
 */
export default defineSource({
  name: 'kalem',
  baseUrl: 'https://kalem.me',
  auth: bearer('KALEM_API_TOKEN'),
  streams: {
    calls: {
      tables: [kalemCalls],
      path: '/api/v1/calls',
      pageSize: 50,
      largestPage: 100,
      partitions: () => PARTITIONS,
      assignOwner: assignDirection,
      isListedIn: (group, partition) => group === partition || group === BOTH,
      order: ['started_at'],
      // As in Kalem's document: without fractions of a second, which a server that checks the format refuses.
      window: { by: 'started_at', as: 'iso-offset' },
      ask: ({ page, size, from, to }) => ({ query: { page, per_page: size, date_from: from, date_to: to } }),
      answer: {
        records: RECORDS,
        page: inEnvelopes('current_page'),
        pages: inEnvelopes('last_page', 'total_pages'),
        total: inEnvelopes('total', 'total_items'),
        link: LINKS,
      },
      otherwise: [
        {
          // The document names no parameter for paging. Laravel's third paginator ignores `page`.
          name: 'cursor',
          ask: ({ next, size, from, to }) => ({
            query: { cursor: next, per_page: size, date_from: from, date_to: to },
          }),
          answer: { records: RECORDS, next: CURSORS, link: LINKS, failed: hasNoCursor },
        },
      ],
    },
  },
});
