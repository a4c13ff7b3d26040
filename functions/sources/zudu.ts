import { zuduCalls } from '../../schemas/tables/zudu.ts';
import { headers } from '../source/auth.ts';
import { defineSource } from '../source/source.ts';

/**
 * Zudu AI: `GET /api/calls`, pages counted from 0. The parameters for paging are not documented; the page number that the answer
 * echoes shows whether they work. Failures are also reported with status 200 (document "Introduction").
 */
export default defineSource({
  name: 'zudu',
  baseUrl: 'https://api.zudu.ai',
  auth: headers({ 'X-API-KEY': 'ZUDU_API_KEY', 'X-API-SECRET': 'ZUDU_API_SECRET' }),
  streams: {
    calls: {
      tables: [zuduCalls],
      path: '/api/calls',
      firstPage: 0,
      pageSize: 50,
      order: ['start_timestamp'],
      ask: ({ page, size }) => ({ query: { page, limit: size } }),
      answer: {
        records: 'data.calls',
        page: 'data.pagination.page',
        total: ['data.pagination.total_count', 'data.pagination.total'],
        more: 'data.pagination.has_next_page',
        pages: 'data.pagination.total_pages',
        // Empty in the document's example. A filter that the vendor applies without being asked, such as the last 30 days, would look like removals.
        filters: 'data.applied_filters',
      },
      otherwise: [
        {
          // The document's list by POST ("List calls (POST)") only reads. It is the only request of Callhouse that is not a GET.
          name: 'post',
          ask: ({ page, size }) => ({
            body: {
              page,
              limit: size,
              sort_by: 'start_timestamp',
              sort_order: 'descending',
              filter_criteria: {},
            },
          }),
        },
      ],
    },
  },
});
