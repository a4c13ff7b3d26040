import * as z from 'zod';
import { zuduCalls } from '../../schemas/tables/zudu.ts';
import { ContractError } from '../errors.ts';
import { headers } from '../source/auth.ts';
import { count, flag, readEnvelope } from '../source/envelope.ts';
import { defineSource, type Page } from '../source/source.ts';

const envelope = z.looseObject({ status: z.string().nullish(), error: z.unknown().optional() });
const page = z.looseObject({
  data: z.looseObject({
    calls: z.array(z.unknown()),
    pagination: z
      .looseObject({
        page: count,
        total_count: count,
        total: count,
        total_pages: count,
        has_next_page: flag,
      })
      .nullish(),
  }),
});

/**
 * Reads a page. Zudu also reports failures with status 200: then `status` is "error" or `error` is set (document
 * "Introduction").
 */
function readPage(body: unknown, requested: number): Page {
  const { status, error } = readEnvelope(envelope, body);
  if (status?.toLowerCase() === 'error' || (error !== null && error !== undefined && error !== '' && error !== false)) {
    throw new ContractError('the vendor reported an error in an answer with status 200; expected a page of calls');
  }
  const { calls, pagination } = readEnvelope(page, body).data;
  const pages = pagination?.total_pages;
  return {
    records: calls,
    page: pagination?.page ?? undefined,
    total: pagination?.total_count ?? pagination?.total ?? undefined,
    more: pagination?.has_next_page ?? (typeof pages === 'number' ? requested + 1 < pages : undefined),
  };
}

/**
 * Zudu AI: `GET /api/calls`, pages counted from 0. The parameters for paging are not documented; the page number that the answer
 * echoes shows whether they work.
 */
export default defineSource({
  name: 'zudu',
  baseUrl: 'https://api.zudu.ai',
  auth: headers({ 'X-API-KEY': 'ZUDU_API_KEY', 'X-API-SECRET': 'ZUDU_API_SECRET' }),
  streams: {
    calls: {
      kind: 'collection',
      tables: [zuduCalls],
      path: '/api/calls',
      firstPage: 0,
      pageSize: 50,
      order: ['start_timestamp'],
      filters: false,
      tiers: [
        { every: '15m', back: '6h' },
        { every: '6h', back: '3d' },
      ],
      variants: [
        {
          name: 'get',
          method: 'GET',
          query: ({ page: number, size }) => ({ page: String(number), limit: String(size) }),
        },
        {
          // The document's list by POST ("List calls (POST)") only reads. It is the only request of Callhouse that is not a GET.
          name: 'post',
          method: 'POST',
          query: () => ({}),
          body: ({ page: number, size }) => ({
            page: number,
            limit: size,
            sort_by: 'start_timestamp',
            sort_order: 'descending',
            filter_criteria: {},
          }),
        },
      ],
      read: (body, request) => readPage(body, request.page),
    },
  },
});
