import type { Rec, World } from '../world.ts';
import { type Answered, type Asked, isoOf, phoneOf, type Slice, secretOf, sliceOf, within } from './listing.ts';

// Kalem, modelled after its document: GET /api/v1/calls with `direction`, `date_from`, `date_to`; the document does not show the form of the answer.

function record(rec: Rec): Record<string, unknown> {
  return {
    call_id: rec.id,
    status: 'completed',
    to_number: phoneOf(rec),
    from_number: '+15559999999',
    agent: 'Support Agent',
    duration_seconds: rec.rev,
    duration_minutes: 1.5,
    cost: 0.98,
    realtime_cost: 0.5,
    started_at: isoOf(rec.at),
    answered_at: isoOf(rec.at),
    ended_at: isoOf(rec.at === null ? null : rec.at + 60_000),
    recording_url: `https://storage.test/${secretOf(rec)}`,
    hangup_cause: 'NORMAL_CLEARING',
  };
}

export function answerKalem(world: World, asked: Asked): Answered {
  if (asked.path !== '/api/v1/calls') return { status: 404, json: { message: 'Not Found' } };
  const { query } = asked;
  const direction = query.get('direction');
  const recs = [...world.calls.values()].filter(({ list }) => direction === null || list === direction);
  const found = world.vendor.filters ? within(recs, query.get('date_from'), query.get('date_to')) : recs;
  const slice = sliceOf(world, found, Number(query.get('page') ?? 1) - 1, asked, Number(query.get('per_page') ?? 15));
  return { status: 200, json: { data: slice.records.map(record), ...envelope(world, slice) } };
}

function envelope({ vendor }: World, { page, pages, total, size }: Slice): Record<string, unknown> {
  const last = vendor.end ? pages : undefined;
  const count = vendor.total ? total : undefined;
  const current = vendor.echo ? page + 1 : undefined;
  const next = page + 1 < pages ? 'https://kalem.test/next' : null;
  if (vendor.envelope === 'bare') return {};
  if (vendor.envelope === 'links') return { links: { first: 'x', next } };
  if (vendor.envelope === 'pagination')
    return { pagination: { current_page: current, total_pages: last, total_items: count, per_page: size } };
  const place = { current_page: current, last_page: last, total: count, per_page: size };
  return vendor.envelope === 'flat' ? { ...place, next_page_url: next } : { meta: place, links: { next } };
}
