import * as z from 'zod';
import { kalemCalls } from '../../schemas/tables/kalem.ts';
import { bearer } from '../source/auth.ts';
import { count, readEnvelope } from '../source/envelope.ts';
import { defineSource, type Ownership, type Page, type Partition, type Sighting } from '../source/source.ts';

/** Where an envelope says which page it is, and how many there are. */
const position = {
  current_page: count,
  last_page: count,
  total_pages: count,
  total: count,
  total_items: count,
  next_page_url: z.string().nullish(),
};
const page = z.looseObject({
  data: z.array(z.unknown()),
  ...position,
  meta: z.looseObject(position).nullish(),
  pagination: z.looseObject(position).nullish(),
  links: z.looseObject({ next: z.string().nullish() }).nullish().catch(undefined),
});

/**
 * Reads a page. Kalem's document ("Calls API") says "paginated" and shows no answer, so every form of Laravel is accepted: an API
 * resource (`meta`), a plain paginator (the same names beside `data`), an older form (`pagination`), links only, or none. The URL of
 * the next page only says that there is one; it is never followed.
 * @see {@link https://laravel.com/docs/eloquent-resources#pagination}
 * @see {@link https://laravel.com/docs/pagination#converting-results-to-json}
 */
function readPage(body: unknown, requested: number): Page {
  const seen = readEnvelope(page, body);
  const at = seen.meta ?? seen.pagination ?? seen;
  const last = at.last_page ?? at.total_pages;
  const next = seen.links ? seen.links.next : seen.next_page_url;
  const byLink = next === undefined ? undefined : next !== null;
  return {
    records: seen.data,
    page: at.current_page ?? undefined,
    total: at.total ?? at.total_items ?? undefined,
    more: typeof last === 'number' ? (at.current_page ?? requested) < last : byLink,
  };
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
function assignDirection({ partition, earlier, known, sweep }: Sighting): Ownership {
  const seenIn = DIRECTIONS.filter((direction) => direction === partition || earlier.includes(direction));
  if (seenIn.length === 2 || (known === BOTH && partition !== 'any' && seenIn.length > 0)) {
    return {
      group: BOTH,
      context: { direction: null },
      warning:
        'calls are in the inbound and the outbound list: the vendor ignores the direction filter; their direction is null',
    };
  }
  const direction = seenIn[0] ?? (sweep ? 'none' : (known ?? 'none'));
  return { group: direction, context: { direction: DIRECTIONS.includes(direction) ? direction : null } };
}

/** ISO 8601 with `+00:00`, as in Kalem's document. */
const iso = (date: Date) => date.toISOString().replace('Z', '+00:00');

/**
 * Kalem: `GET /api/v1/calls`, read once per direction, and in a full scan also without a direction. A deleted call is no longer
 * listed; nothing else announces it.
 */
export default defineSource({
  name: 'kalem',
  baseUrl: 'https://kalem.me',
  auth: bearer('KALEM_API_TOKEN'),
  streams: {
    calls: {
      kind: 'collection',
      tables: [kalemCalls],
      path: '/api/v1/calls',
      firstPage: 1,
      pageSize: 50,
      partitions: () => PARTITIONS,
      assignOwner: assignDirection,
      isListedIn: (group, partition) => group === partition || group === BOTH,
      order: ['started_at'],
      filters: true,
      tiers: [
        { every: '15m', back: '6h' },
        { every: '6h', back: '3d' },
      ],
      variants: [
        {
          name: 'get',
          method: 'GET',
          query: ({ page: number, size, window }) => ({
            page: String(number),
            per_page: String(size),
            ...(window ? { date_from: iso(window.from) } : {}),
            ...(window?.to ? { date_to: iso(window.to) } : {}),
          }),
        },
      ],
      read: (body, request) => readPage(body, request.page),
    },
  },
});
