import * as z from 'zod';
import { solumCalls } from '../../schemas/tables/solum.ts';
import { headers } from '../source/auth.ts';
import { count, flag, readEnvelope } from '../source/envelope.ts';
import { defineSource } from '../source/source.ts';

const page = z.looseObject({
  data: z.array(z.unknown()),
  pagination: z.looseObject({ has_more: flag, total: count, page: count }).nullish(),
});

/**
 * Solum Health (document "List Calls"): `GET /v1/calls`, pages counted from 1, at most 100 calls each. A removed call is no longer
 * listed; nothing else announces it.
 */
export default defineSource({
  name: 'solum',
  baseUrl: 'https://api.getsolum.com',
  auth: headers({ 'X-API-Key': 'SOLUM_API_KEY' }),
  streams: {
    calls: {
      kind: 'collection',
      tables: [solumCalls],
      path: '/v1/calls',
      firstPage: 1,
      pageSize: 50,
      // The document names no order. Either of these is used once the records confirm it.
      order: ['started_at', 'created_at'],
      filters: true,
      // The filters compare the start of a call, not its last change. Staff edit status and category for weeks; full scans find
      // that.
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
