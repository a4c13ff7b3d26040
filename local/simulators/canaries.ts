import type { VendorWorlds } from './drift.ts';
import type { Json, JsonObject } from './json-text.ts';
import { isFinished } from './kalem-world.ts';
import type { SimRecord } from './ledger.ts';
import type { CanaryPlace } from './ledger-types.ts';
import { SIGNATURE } from './signature.ts';

/** A sensitive field, the records that have it, and how a text gets into it. */
interface Spot<T> {
  readonly field: string;
  readonly among: readonly T[];
  readonly recordOf: (target: T) => SimRecord;
  readonly plant: (target: T, canary: string) => void;
  readonly optedOut?: boolean;
}

/** A spot with its type forgotten: plants in its n-th record and says which one that was. */
type Planter = (round: number, canary: string) => CanaryPlace | undefined;

/** Plants every canary in several fields that may hold anything, and every such field with at least one canary. */
export function plantCanaries(worlds: VendorWorlds, canaries: readonly string[]): CanaryPlace[] {
  if (canaries.length === 0) return [];
  const planters = [...kismetSpots(worlds), ...solumSpots(worlds), ...zuduSpots(worlds), ...kalemSpots(worlds)];
  const places: CanaryPlace[] = [];
  for (let count = 0; count < 2 * Math.max(canaries.length, planters.length); count += 1) {
    const planter = planters[count % planters.length];
    const canary = canaries[count % canaries.length];
    if (planter === undefined || canary === undefined) continue;
    const place = planter(count, canary);
    if (place !== undefined) places.push(place);
  }
  return places;
}

function spot<T>({ field, among, recordOf, plant, optedOut = false }: Spot<T>): Planter[] {
  if (among.length === 0) return [];
  return [
    (round, canary) => {
      // Spread over the oldest records, which nothing edits any more.
      const target = among[(round * 7) % among.length];
      if (target === undefined) return undefined;
      plant(target, canary);
      const { vendor, stream, id } = recordOf(target).entry;
      return { canary, vendor, stream, id, field, optedOut };
    },
  ];
}

/** Writes into fields: one word for a word, or into a key or id what is none. */
function placed<T extends { readonly record: SimRecord; readonly fields: JsonObject }>(
  among: readonly T[],
  fields: readonly string[],
  write: (canary: string, id: string, value: Json | undefined) => Json,
): Planter[] {
  return fields.flatMap((field) =>
    spot({
      field,
      among,
      recordOf: ({ record }) => record,
      plant: (target, canary) => {
        target.fields[field] = write(canary, target.record.entry.id, target.fields[field]);
      },
    }),
  );
}

const word = (canary: string) => canary;
/** Two records never have one id. */
const asId = (canary: string, id = 'Doe') => `Jane ${canary} ${id}`;
const asName = (canary: string) => `${canary}@clinic.example`;

/** Adds a text to a text; an empty place is filled. */
function append(value: Json | undefined, canary: string): string {
  return typeof value === 'string' ? `${value} ${canary}` : canary;
}

function textSpots<T extends { readonly record: SimRecord; readonly fields: JsonObject }>(
  among: readonly T[],
  fields: readonly string[],
): Planter[] {
  return placed(among, fields, (canary, _id, value) => append(value, canary));
}

function kismetSpots({ kismet }: VendorWorlds): Planter[] {
  const among = kismet.calls.filter((call) => call.fields['is_ended'] === true);
  const logs = among.flatMap((call) => call.audit.filter((entry) => entry.fields['object_changes'] !== null));
  return [
    ...textSpots(kismet.users, ['email']),
    ...placed(kismet.users, ['display_name'], asName),
    ...placed(kismet.users, ['roles'], (canary) => ['provider', canary]),
    ...textSpots(among, ['name', 'internal_note']),
    ...placed(among, ['livekit_session_id', 'state'], word),
    ...spot({
      field: 'participants.participant_type',
      among,
      recordOf: ({ record }) => record,
      plant: ({ participants }, canary) => {
        participants.push({ id: 77, participant_type: canary, name: 'Kin' });
      },
    }),
    ...placed(logs, ['event'], word),
    ...placed(logs, ['user_id'], asId),
    ...spot({
      field: 'name of a changed field',
      among: logs,
      recordOf: ({ record }) => record,
      plant: ({ fields }, canary) => {
        fields['object_changes'] = { ...(fields['object_changes'] as JsonObject), [canary]: [null, 1] };
      },
    }),
    ...spot({
      field: 'participants.name',
      among,
      recordOf: ({ record }) => record,
      plant: ({ participants }, canary) => {
        const last = participants.at(-1);
        if (last !== undefined) last.name = append(last.name, canary);
      },
    }),
    ...spot({
      field: 'object_changes',
      among: logs,
      recordOf: ({ record }) => record,
      plant: ({ fields }, canary) => {
        const changes = fields['object_changes'] as JsonObject;
        fields['object_changes'] = { ...changes, private_note: [null, `told ${canary}`] };
      },
    }),
  ];
}

function solumSpots({ solum }: VendorWorlds): Planter[] {
  return [
    ...textSpots(solum.calls, ['summary', 'customer_number', 'patient_id', 'internal_note']),
    ...placed(solum.calls, ['type', 'status', 'category', 'language'], word),
    ...placed(solum.calls, ['org_id', 'assistant_id', 'phone_number_id'], asId),
  ];
}

function zuduSpots({ zudu }: VendorWorlds): Planter[] {
  const ended = zudu.calls.filter(({ fields }) => fields['call_status'] === 'ENDED');
  const kept = ended.filter(({ fields }) => fields['opt_out_sensitive_data_storage'] === false);
  const refused = ended.filter(({ fields }) => fields['opt_out_sensitive_data_storage'] === true);
  const nested = (field: string, build: (canary: string, before: Json | undefined) => Json): Planter[] =>
    spot({
      field,
      among: kept,
      recordOf: ({ record }) => record,
      plant: ({ fields }, canary) => {
        fields[field] = build(canary, fields[field]);
      },
    });
  const url = (name: string) => (canary: string) => `https://storage.example/${name}/${canary}?sig=${SIGNATURE}`;
  return [
    ...textSpots(kept, ['from_number', 'to_number', 'transcript', 'internal_note']),
    ...placed(kept, ['call_type', 'disconnection_reason'], word),
    ...placed(kept, ['agent_id', 'organization_id'], asId),
    ...nested('telephony_identifier', (canary) => ({ call_sid: asId(canary), conference_sid: asId(canary) })),
    ...nested('recording_url', url('recordings')),
    ...nested('public_log_url', url('logs')),
    ...nested('metadata', (canary) => ({
      customer_id: canary,
      priority: canary,
      campaign: canary,
      batch_call_id: canary,
      contact: { note: `call ${canary}`, [canary]: 1 },
    })),
    ...nested('events', (canary) => [{ type: 'transfer', to: canary }]),
    ...nested('transcript_object', (canary) => [{ role: 'user', content: `my name is ${canary}` }]),
    ...nested('transcript_with_tool_calls', (canary) => [{ role: 'tool_call_result', content: canary }]),
    ...nested('call_analysis', (canary, before) => ({
      ...(before as JsonObject | null),
      call_summary: canary,
      user_sentiment: canary,
    })),
    ...[
      ...textSpots(refused, ['transcript', 'internal_note', 'from_number']),
      ...placed(refused, ['call_type', 'disconnection_reason'], word),
      ...placed(refused, ['metadata'], (canary) => ({ customer_id: canary, priority: canary, [canary]: canary })),
    ].map((planter) => asOptedOut(planter)),
  ];
}

function asOptedOut(planter: Planter): Planter {
  return (round, canary) => {
    const place = planter(round, canary);
    return place === undefined ? undefined : { ...place, optedOut: true };
  };
}

function kalemSpots({ kalem }: VendorWorlds): Planter[] {
  const among = kalem.lists.all.filter(isFinished);
  return [
    ...textSpots(among, ['to_number', 'from_number', 'internal_note']),
    ...placed(among, ['hangup_cause'], word),
    ...placed(among, ['agent'], asName),
    ...placed(among, ['call_id'], asId),
    ...spot({
      field: 'recording_url',
      among,
      recordOf: ({ record }) => record,
      plant: ({ fields }, canary) => {
        fields['recording_url'] = `https://storage.kalem.me/recordings/${canary}.mp3?signature=${SIGNATURE}`;
      },
    }),
  ];
}
