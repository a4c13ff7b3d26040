import * as z from 'zod';
import { kalemCalls } from '../../schemas/tables/kalem.ts';
import { count, readEnvelope } from '../source/envelope.ts';
import { defineSource, type Ownership, type Page, type Partition, type Sighting } from '../source/source.ts';

const place = {
  current_page: count,
  last_page: count,
  total_pages: count,
  total: count,
  total_items: count,
  next_page_url: z.string().nullish(),
};
const page = z.looseObject({
  data: z.array(z.unknown()),
  ...place,
  meta: z.looseObject(place).nullish(),
  pagination: z.looseObject(place).nullish(),
  links: z.looseObject({ next: z.string().nullish() }).nullish().catch(undefined),
});

/**
 * The document says "paginated" and shows no answer: Laravel's resource (`meta`), its plain paginator (the same names beside
 * `data`), an older form (`pagination`), links alone, or nothing are all read. A next address is taken as a sign, never followed.
 */
function readPage(body: unknown, asked: number): Page {
  const seen = readEnvelope(page, body);
  const at = seen.meta ?? seen.pagination ?? seen;
  const last = at.last_page ?? at.total_pages;
  const next = seen.links ? seen.links.next : seen.next_page_url;
  const byLink = next === undefined ? undefined : next !== null;
  return {
    records: seen.data,
    page: at.current_page ?? undefined,
    total: at.total ?? at.total_items ?? undefined,
    more: typeof last === 'number' ? (at.current_page ?? asked) < last : byLink,
  };
}

const DIRECTIONS = ['inbound', 'outbound'];
const PARTITIONS: readonly Partition[] = [
  ...DIRECTIONS.map((direction) => ({ id: direction, context: {}, query: { direction } })),
  { id: 'any', context: {}, sweepOnly: true },
];

/** Group of calls that are in the lists of both directions. */
const BOTH = 'both';

/** A call object has no direction field: the list that contains the call says it. If both lists do, the vendor ignored the filter. */
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

const iso = (date: Date) => date.toISOString().replace('Z', '+00:00');

/** Kalem: `GET /api/v1/calls`, read once per direction, and without one when everything is read. Deleted calls are gone. */
export default defineSource({
  name: 'kalem',
  baseUrl: 'https://kalem.me',
  credentials: ['KALEM_API_TOKEN'],
  headers: (credentials) => ({ authorization: `Bearer ${credentials['KALEM_API_TOKEN'] ?? ''}` }),
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
      read: (body, ask) => readPage(body, ask.page),
    },
  },
});
