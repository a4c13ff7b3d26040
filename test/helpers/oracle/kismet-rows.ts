import type { LedgerEntry, Simulators } from '../../../local/simulators/start-simulators.ts';
import { type Exact, member, parseExact, writeExact } from './exact-json.ts';
import { chooseVersion, putRow, type RowSink, stateOf } from './expected-row.ts';
import { extraOf, fieldsOf } from './record-fields.ts';

const CALL_FIELDS =
  'id name livekit_session_id state has_egresses is_recording is_canvas_locked is_ended created_at updated_at participants';

/** Rows of the Kismet tables. */
export function putKismetRows(sink: RowSink, { ledger }: Simulators): void {
  for (const entry of ledger.entries('kismet', 'organization_users').values()) putUser(sink, entry);
  const calls = ledger.entries('kismet', 'calls');
  for (const entry of calls.values()) putCall(sink, entry);
  for (const entry of ledger.entries('kismet', 'call_audit_logs').values()) {
    putAudit(sink, entry, calls.get(entry.parents[0] ?? ''));
  }
  for (const entry of ledger.entries('kismet', 'daily_call_metrics').values()) putMetrics(sink, entry);
}

function putUser(sink: RowSink, entry: LedgerEntry): void {
  const version = chooseVersion(sink.options, entry);
  if (version === undefined) return;
  const record = parseExact(version.text);
  const extra = extraOf(record, 'id email is_admin display_name roles created_at updated_at');
  putRow(sink, 'kismet_organization_users', fieldsOf(record), extra, stateOf(entry));
}

/** If two users list a call, the one with the smaller id owns it. */
function ownerOf(call: LedgerEntry | undefined): Exact {
  const [owner] = (call?.parents ?? []).toSorted((a, b) => Number(a) - Number(b));
  return owner === undefined ? null : { digits: owner };
}

function putCall(sink: RowSink, entry: LedgerEntry): void {
  const version = chooseVersion(sink.options, entry);
  if (version === undefined) return;
  const record = parseExact(version.text);
  const people = participantsOf(record);
  const values = {
    ...fieldsOf(record),
    organization_user_id: ownerOf(entry),
    participant_count: { digits: String(people.size) },
  };
  putRow(sink, 'kismet_calls', values, extraOf(record, CALL_FIELDS), stateOf(entry));
  for (const person of people.values()) putParticipant(sink, entry, person, null);
  putFormerParticipants(sink, entry, version.from, people);
}

function participantsOf(record: Exact): Map<string, Exact> {
  const list = member(record, 'participants');
  if (!Array.isArray(list)) return new Map();
  const keyOf = (person: Exact): string => writeExact([member(person, 'participant_type'), member(person, 'id')]);
  return new Map(list.map((person: Exact) => [keyOf(person), person]));
}

/** A participant that an earlier page showed and this version does not is marked deleted. */
function putFormerParticipants(sink: RowSink, entry: LedgerEntry, from: number, people: Map<string, Exact>): void {
  const former = new Map<string, Exact>();
  for (const version of entry.versions) {
    if (version.firstServedAt === null || version.from >= from) continue;
    for (const [key, person] of participantsOf(parseExact(version.text))) former.set(key, person);
  }
  for (const [key, person] of former) {
    if (!people.has(key)) putParticipant(sink, entry, person, from);
  }
}

function putParticipant(sink: RowSink, call: LedgerEntry, person: Exact, removedAt: number | null): void {
  const values = { ...fieldsOf(person), call_id: { digits: call.id } };
  const servedNow = removedAt === null && call.removedAt === null;
  const state = { live: removedAt === null, removedAt, servedNow, everServed: stateOf(call).everServed };
  putRow(sink, 'kismet_call_participants', values, null, state);
}

function putAudit(sink: RowSink, entry: LedgerEntry, call: LedgerEntry | undefined): void {
  const version = chooseVersion(sink.options, entry);
  if (version === undefined) return;
  const record = parseExact(version.text);
  const state = { ...stateOf(entry), live: true, removedAt: null };
  const changes = member(record, 'object_changes');
  const callId = { digits: entry.parents[0] ?? '' };
  const values = {
    ...fieldsOf(record),
    call_id: callId,
    organization_user_id: ownerOf(call),
    changed_fields: changes instanceof Map ? [...changes.keys()] : null,
  };
  const extra = extraOf(record, 'id event user_id object_changes created_at');
  putRow(sink, 'kismet_call_audit_logs', values, extra, state);
  if (!(changes instanceof Map)) return;
  const shared = { audit_log_id: member(record, 'id'), call_id: callId, created_at: member(record, 'created_at') };
  for (const [field, pair] of changes as ReadonlyMap<string, Exact>) {
    if (!Array.isArray(pair) || pair.length !== 2) continue;
    const change = { ...shared, field, old_value: asText(pair[0]), new_value: asText(pair[1]) };
    putRow(sink, 'kismet_call_audit_changes', change, null, state);
  }
}

/** Strings are unchanged, anything else becomes JSON text. */
function asText(value: Exact | undefined): Exact {
  if (value === null || value === undefined || typeof value === 'string') return value ?? null;
  return writeExact(value);
}

function putMetrics(sink: RowSink, entry: LedgerEntry): void {
  const version = chooseVersion(sink.options, entry);
  if (version === undefined) return;
  const record = parseExact(version.text);
  const scopeId = member(record, 'scope_id');
  const isUser = member(record, 'scope') === 'user';
  const values = {
    ...fieldsOf(record),
    organization_user_id: isUser && typeof scopeId === 'string' ? { digits: scopeId } : null,
    average_duration_seconds: member(record, 'average_duration'),
    average_wait_time_seconds: member(record, 'average_wait_time'),
  };
  putRow(sink, 'kismet_daily_call_metrics', values, null, stateOf(entry));
}
