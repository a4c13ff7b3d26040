import { DAY_MS } from '../scenario.ts';
import { type Entry, isVisible, type Person, type Rec, type World } from '../world.ts';
import { type Answered, type Asked, isoOf, type Slice, secretOf, sliceOf } from './listing.ts';

// Kismet Health, modelled after its documents. Every path of a removed user answers 404.

const NOT_FOUND: Answered = { status: 404, json: { error: 'Not Found' } };

/** The version number appears as minutes after the creation. */
const revAt = ({ created, rev }: Rec) => isoOf(created + rev * 60_000);

const person = ({ id }: Person) => ({
  id,
  participant_type: id === 1 ? 'User' : 'Recipient',
  name: `SECRET name ${id}`,
});

function call(rec: Rec): Record<string, unknown> {
  return {
    id: Number(rec.id),
    name: `Consult ${secretOf(rec)}`,
    livekit_session_id: `lk-${rec.id}`,
    state: 'active',
    has_egresses: false,
    is_recording: false,
    is_canvas_locked: false,
    is_ended: false,
    created_at: isoOf(rec.created),
    updated_at: revAt(rec),
    participants: rec.people.filter(isVisible).map(person),
  };
}

const user = (rec: Rec) => ({
  id: Number(rec.id),
  email: `SECRET-${rec.id}@clinic.test`,
  is_admin: false,
  display_name: `Dr ${rec.id}`,
  created_at: isoOf(rec.created),
  updated_at: revAt(rec),
});

function entry({ id, at, fields, user: who }: Entry): Record<string, unknown> {
  const names = ['state', 'name', 'is_ended'].slice(0, fields);
  return {
    id,
    event: fields === 0 ? 'read' : 'update',
    user_id: who,
    object_changes: fields === 0 ? null : Object.fromEntries(names.map((name) => [name, [null, `SECRET ${name}`]])),
    created_at: isoOf(at),
  };
}

const USERS = '/api/external/organization_users';
const CALLS = /^\/api\/external\/organization_users\/(\d+)\/calls$/;
const AUDITS = /^\/api\/external\/organization_users\/(\d+)\/calls\/(\d+)\/audit_logs$/;
const METRICS = '/api/external/call_metrics';

export function answerKismet(world: World, asked: Asked): Answered {
  const { path, query } = asked;
  const page = Number(query.get('page') ?? 1) - 1;
  const size = Number(query.get('per_page') ?? 25);
  const list = (name: string, recs: Iterable<Rec>, make: (rec: Rec) => unknown): Answered => {
    const slice = sliceOf(world, recs, page, asked, size);
    return { status: 200, json: { [name]: slice.records.map(make), pagination: pagination(world, slice) } };
  };
  const isThere = (id: string | null | undefined) => isVisible(world.users.get(id ?? '') ?? { hidden: GONE });
  if (path === USERS) return list('organization_users', world.users.values(), user);
  if (path === METRICS)
    return isThere(query.get('user_id')) || !query.has('user_id') ? figures(world, asked) : NOT_FOUND;
  const calls = CALLS.exec(path);
  if (calls) {
    const recs = [...world.calls.values()].filter(({ list: owner }) => owner === calls[1]);
    return isThere(calls[1]) ? list('calls', recs, call) : NOT_FOUND;
  }
  const audits = AUDITS.exec(path);
  const rec = world.calls.get(audits?.[2] ?? '');
  if (!rec || !isVisible(rec) || rec.list !== audits?.[1] || !isThere(rec.list)) return NOT_FOUND;
  const least = query.has('from') ? Date.parse(query.get('from') ?? '') : Number.NEGATIVE_INFINITY;
  const found = rec.entries.filter(({ at }) => (at ?? Number.NEGATIVE_INFINITY) >= least);
  return auditPage(world, found, { page, size: Math.min(size, world.vendor.most), twist: asked.twist });
}

const GONE = [{ from: 0, to: Number.POSITIVE_INFINITY }];

function auditPage(
  world: World,
  found: Entry[],
  { page, size, twist }: { readonly page: number; readonly size: number; readonly twist: Asked['twist'] },
): Answered {
  const sorted = found.sort((a, b) => (b.at ?? 0) - (a.at ?? 0) || b.id - a.id);
  const from = twist === 'repeat' ? Math.max(0, page - 1) : twist === 'echo0' ? 0 : page;
  const shown = twist === 'empty' ? [] : sorted.slice(from * size, (from + 1) * size);
  const total = twist === 'empty' ? 0 : sorted.length;
  const pages = twist === 'ends' ? page + 1 : Math.max(1, Math.ceil(total / size));
  const slice = { records: [], page: twist === 'echo0' ? 0 : page, size, total, pages };
  const audit_logs = (twist === 'short' ? shown.slice(1) : shown).map(entry);
  return { status: 200, json: { audit_logs, pagination: pagination(world, slice) } };
}

function pagination({ vendor }: World, { page, pages, total, size }: Slice) {
  return {
    ...(vendor.echo ? { current_page: page + 1 } : {}),
    per_page: size,
    ...(vendor.end ? { total_pages: pages } : {}),
    ...(vendor.total ? { total_count: total } : {}),
  };
}

function figures(world: World, { query, twist }: Asked): Answered {
  const days = world.figures.get(query.get('user_id') ?? 'organization') ?? new Map();
  const [from, to] = ['date_start', 'date_end'].map((name) => Date.parse(query.get(name) ?? '') / DAY_MS);
  const found = [...days].filter(([day]) => twist !== 'empty' && day >= (from ?? 0) && day <= (to ?? 0));
  const map = (figure: (value: number) => number) =>
    Object.fromEntries(found.map(([day, { value }]) => [isoOf(day * DAY_MS)?.slice(0, 10), figure(value)]));
  const json = {
    total_calls: map((value) => value),
    average_duration: map((value) => value + 0.5),
    call_fail_rate: map(() => 0),
    average_wait_time: map((value) => value / 4),
  };
  return { status: 200, json };
}
