import * as z from 'zod';
import { solumCalls } from '../../schemas/tables/solum.ts';
import { count, flag, readEnvelope } from '../source/envelope.ts';
import { defineSource } from '../source/source.ts';

const page = z.looseObject({
  data: z.array(z.unknown()),
  pagination: z.looseObject({ has_more: flag, total: count, page: count }).nullish(),
});

/** Solum Health: `GET /v1/calls`, 1-based pages of at most 100. Removed calls leave the list without a word. */
export default defineSource({
  name: 'solum',
  baseUrl: 'https://api.getsolum.com',
  credentials: ['SOLUM_API_KEY'],
  headers: (credentials) => ({ 'X-API-Key': credentials['SOLUM_API_KEY'] ?? '' }),
  streams: {
    calls: {
      kind: 'collection',
      tables: [solumCalls],
      path: '/v1/calls',
      firstPage: 1,
      pageSize: 50,
      // No order is documented; either would do, if verified.
      order: ['started_at', 'created_at'],
      filters: true,
      // The filter is on the start, not on the change: a clerk edits status and category for weeks, which the sweeps read.
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
            limit: String(size),
            ...(window ? { started_gte: window.from.toISOString() } : {}),
            ...(window?.to ? { started_lte: window.to.toISOString() } : {}),
          }),
        },
      ],
      read: (body) => {
        const { data, pagination } = readEnvelope(page, body);
        return {
          records: data,
          page: pagination?.page ?? undefined,
          total: pagination?.total ?? undefined,
          more: pagination?.has_more ?? undefined,
        };
      },
    },
  },
});
