import type { Rec, World } from '../world.ts';
import { type Answered, type Asked, isoOf, phoneOf, secretOf, sliceOf, within } from './listing.ts';

// Solum Health, modelled after its document: GET /v1/calls, 1-based pages, `started_gte` and `started_lte`.

function record(rec: Rec): Record<string, unknown> {
  return {
    id: rec.id,
    org_id: 'org-1',
    created_at: isoOf(rec.created),
    assistant_id: 'assistant-1',
    phone_number_id: 'line-1',
    type: 'inbound',
    started_at: isoOf(rec.at),
    ended_at: isoOf(rec.at === null ? null : rec.at + 60_000),
    summary: `summary ${secretOf(rec)}`,
    customer_number: phoneOf(rec),
    status: 'pending',
    category: 'billing',
    duration_min: 1.5,
    patient_id: `SECRET-patient-${rec.order}`,
    language: 'english',
    sessions_scheduled: rec.rev,
  };
}

export function answerSolum(world: World, asked: Asked): Answered {
  if (asked.path !== '/v1/calls') return { status: 404, json: { detail: { message: 'Not Found' } } };
  const { query } = asked;
  const page = Number(query.get('page') ?? 1) - 1;
  const { filters, echo, total, end } = world.vendor;
  const recs = filters
    ? within(world.calls.values(), query.get('started_gte'), query.get('started_lte'))
    : world.calls.values();
  const slice = sliceOf(world, recs, page, asked, Number(query.get('limit') ?? 50));
  const pagination = {
    ...(end ? { has_more: (slice.page + 1) * slice.size < slice.total } : {}),
    ...(total ? { total: slice.total } : {}),
    ...(echo ? { page: slice.page + 1 } : {}),
    limit: slice.size,
  };
  return { status: 200, json: { data: slice.records.map(record), pagination } };
}
