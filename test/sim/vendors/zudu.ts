import type { Rec, World } from '../world.ts';
import { type Answered, type Asked, phoneOf, secretOf, sliceOf } from './listing.ts';

// Zudu AI, modelled after its document: GET /api/calls with 0-based pages if GET turns pages, and the list by POST.

function record(rec: Rec): Record<string, unknown> {
  const secret = secretOf(rec);
  return {
    id: rec.blank ? rec.id : `uuid-${rec.id}`,
    call_id: rec.blank ? '' : rec.id,
    agent_id: 'agent-1',
    organization_id: 'org-1',
    call_status: 'ENDED',
    call_type: 'PHONE_CALL',
    direction: rec.order % 2 === 0 ? 'OUTBOUND' : 'INBOUND',
    from_number: phoneOf(rec),
    to_number: '+15559999999',
    start_timestamp: rec.at,
    end_timestamp: rec.at === null ? null : rec.at + 60_000,
    call_duration: rec.rev,
    disconnection_reason: 'USER_HANGUP',
    recording_url: `https://storage.test/${secret}?signature=${rec.rev}`,
    public_log_url: `https://log.test/${secret}`,
    opt_out_sensitive_data_storage: rec.optOut,
    metadata: { customer_id: 'customer-1', priority: 'high' },
    events: [{ what: secret }],
    transcript: `transcript ${secret}`,
    transcript_object: [{ role: 'agent', content: secret }],
    transcript_with_tool_calls: [],
    latency: { e2e: { max: 3, min: 1, num: 2, p50: 2, p90: 3, p95: 3, p99: 3, values: [1, 3] } },
    call_analysis: { call_successful: true, call_summary: `summary ${secret}`, in_voicemail: false },
    call_cost: { combined_cost: 0.25 },
    telephony_identifier: { call_sid: 'CA1', conference_sid: 'CF1' },
  };
}

export function answerZudu(world: World, asked: Asked): Answered {
  if (asked.path !== '/api/calls') return { status: 404, json: { status: 'error', error: 'Not Found' } };
  const { post, moves, echo, total, end } = world.vendor;
  if (asked.method === 'POST' && !post) return { status: 405, json: { status: 'error', error: 'Method Not Allowed' } };
  const given = asked.method === 'POST' ? asked.body : Object.fromEntries(asked.query);
  const page = asked.method === 'POST' || moves ? Number(given['page'] ?? 0) : 0;
  const slice = sliceOf(world, world.calls.values(), page, asked, Number(given['limit'] ?? 20));
  const pagination = {
    limit: slice.size,
    ...(echo ? { page: slice.page } : {}),
    ...(total ? { total_count: slice.total } : {}),
    ...(end ? { total_pages: slice.pages, has_next_page: slice.page + 1 < slice.pages } : {}),
    has_previous_page: slice.page > 0,
  };
  const data = {
    organization_id: 'org-1',
    calls: slice.records.map(record),
    pagination,
    returned_count: slice.records.length,
    sort_order: 'descending',
    sort_by: 'start_timestamp',
    applied_filters: {},
  };
  return { status: 200, json: { message: 'Calls retrieved successfully', status: 'success', error: null, data } };
}
