import type { LedgerEntry, Simulators } from '../../../local/simulators/start-simulators.ts';
import { type Exact, member, parseExact } from './exact-json.ts';
import { chooseVersion, putRow, type RowSink, stateOf } from './expected-row.ts';
import { extraOf, fieldsOf } from './record-fields.ts';
import { TABLE_SHAPES } from './table-shapes.ts';

const ZUDU_FIELDS =
  'id call_id agent_id organization_id call_status call_type direction from_number to_number start_timestamp ' +
  'end_timestamp call_duration disconnection_reason recording_url public_log_url opt_out_sensitive_data_storage ' +
  'metadata events transcript transcript_object transcript_with_tool_calls latency call_analysis call_cost ' +
  'telephony_identifier';

/** Rows of `solum_calls`. */
export function putSolumRows(sink: RowSink, { ledger }: Simulators): void {
  const known = Object.keys(TABLE_SHAPES.solum_calls.columns).join(' ');
  for (const entry of ledger.entries('solum', 'calls').values()) {
    const version = chooseVersion(sink.options, entry);
    if (version === undefined) continue;
    const record = parseExact(version.text);
    putRow(sink, 'solum_calls', fieldsOf(record), extraOf(record, known), stateOf(entry));
  }
}

/** Rows of `kalem_calls`. */
export function putKalemRows(sink: RowSink, { ledger }: Simulators): void {
  const names = Object.keys(TABLE_SHAPES.kalem_calls.columns).filter((name) => name !== 'direction');
  for (const entry of ledger.entries('kalem', 'calls').values()) {
    const version = chooseVersion(sink.options, entry);
    if (version === undefined) continue;
    const record = parseExact(version.text);
    const status = member(record, 'status');
    const values = {
      ...fieldsOf(record),
      direction: directionOf(entry),
      status: typeof status === 'string' ? status.replaceAll('-', '_') : null,
    };
    putRow(sink, 'kalem_calls', values, extraOf(record, names.join(' ')), stateOf(entry));
  }
}

/** A call's direction is known only from the list that showed it; a removed call cannot appear in another list. */
function directionOf(entry: LedgerEntry): Exact {
  if (entry.removedAt === null) return entry.direction ?? null;
  return entry.servedIn.has(entry.direction ?? '') ? (entry.direction ?? null) : null;
}

/** Rows of `zudu_calls`. */
export function putZuduRows(sink: RowSink, { ledger }: Simulators): void {
  for (const entry of ledger.entries('zudu', 'calls').values()) {
    const version = chooseVersion(sink.options, entry);
    if (version === undefined) continue;
    const record = parseExact(version.text);
    const keepsNothing = member(record, 'opt_out_sensitive_data_storage') !== false;
    const values = { ...flattenZudu(record), call_id: keyOf(entry) };
    const extra = keepsNothing ? null : extraOf(record, ZUDU_FIELDS);
    putRow(sink, 'zudu_calls', values, extra, { ...stateOf(entry), optedOut: keepsNothing });
  }
}

/** The key is the first one seen: a `call_id` that appears later does not change it. */
function keyOf(entry: LedgerEntry): Exact {
  const seen = entry.versions.find((version) => version.firstServedAt !== null) ?? entry.versions[0];
  const first = parseExact(seen?.text ?? 'null');
  return member(first, 'call_id') ?? member(first, 'id');
}

function flattenZudu(record: Exact): Record<string, Exact> {
  const flat: Record<string, Exact> = {
    ...fieldsOf(record),
    started_at: member(record, 'start_timestamp'),
    ended_at: member(record, 'end_timestamp'),
    call_duration_ms: member(record, 'call_duration'),
    combined_cost: member(record, 'call_cost', 'combined_cost'),
  };
  for (const name of ['customer_id', 'priority', 'campaign', 'batch_call_id']) {
    flat[`metadata_${name}`] = member(record, 'metadata', name);
  }
  for (const name of ['max', 'min', 'p50', 'p90', 'p95', 'p99', 'num', 'values']) {
    flat[`latency_e2e_${name}`] = member(record, 'latency', 'e2e', name);
  }
  for (const name of ['call_successful', 'call_summary', 'user_sentiment', 'in_voicemail']) {
    flat[name] = member(record, 'call_analysis', name);
  }
  for (const name of ['call_sid', 'conference_sid']) flat[name] = member(record, 'telephony_identifier', name);
  return flat;
}
