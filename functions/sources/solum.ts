import { solumCalls } from '../../schemas/tables/solum.ts';
import { headers } from '../source/auth.ts';
import { defineSource } from '../source/source.ts';

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
      tables: [solumCalls],
      path: '/v1/calls',
      pageSize: 50,
      largestPage: 100,
      // The document names no order. Either of these is used once the records confirm it.
      order: ['started_at', 'created_at'],
      // The filters compare the start of a call. Staff edit status and category for weeks; full scans find that.
      window: { by: 'started_at', as: 'iso' },
      ask: ({ page, size, from, to }) => ({ query: { page, limit: size, started_gte: from, started_lte: to } }),
      answer: {
        records: 'data',
        page: 'pagination.page',
        total: 'pagination.total',
        more: 'pagination.has_more',
      },
    },
  },
});
