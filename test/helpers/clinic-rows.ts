import { DAY_MS, HOUR_MS, momentsOf, seeded, ZONE_MS } from './clinic-times.ts';

/** What is unusual about a clinic. */
export interface ClinicOptions {
  /** @default all four */
  readonly sources?: readonly string[];
  /** A source that was not read for these hours. @default every one was read just now */
  readonly behind?: { readonly source: string; readonly hours: number };
  /** Every first run failed, so no rows are there. @default false */
  readonly hasFailed?: boolean;
  /** @default true */
  readonly hasCalls?: boolean;
  /** Calls of a weekday at all accounts. @default 80 */
  readonly callsPerDay?: number;
  /** Voice agents. @default 5 */
  readonly agents?: number;
  /** @default 7 */
  readonly clinicians?: number;
  /** Accounts of the first two sources. @default 2 */
  readonly accounts?: number;
  /** Names of agents, clinicians and categories. @default usual ones */
  readonly names?: readonly string[];
}

/** Values by column; instants are `Date`. */
export type Rows = readonly Readonly<Record<string, unknown>>[];
type Tables = Readonly<Record<string, Rows>>;

const STREAMS: Readonly<Record<string, readonly string[]>> = {
  kalem: ['calls'],
  kismet: ['calls', 'call_audit_logs', 'daily_call_metrics', 'organization_users'],
  solum: ['calls'],
  zudu: ['calls'],
};
const CATEGORIES = [
  'new_appointment',
  'existing_appointment',
  'rescheduling',
  'cancellation',
  'billing',
  'authorization',
  'client_support',
];
const AGENTS = ['Front desk', 'After hours', 'Referrals', 'Intake', 'Recall'];
const CLINICIANS = [
  'Dr. Aisha O’Brien',
  'Dr. James García',
  'Dr. Mei Chen',
  'Maria Null',
  'Ngọc Trần',
  'Sam Li',
  'Zoé Hernández',
];

/** Rows of two months of a clinic, up to `at`: always the same. */
export function clinicRows(at: Date, options: ClinicOptions): Tables {
  const { sources = Object.keys(STREAMS), hasFailed = false, hasCalls = true } = options;
  const accounts = sources.flatMap((source) => accountsOf(source, options).map((account) => ({ source, account })));
  const tables: Record<string, Rows> = {
    loads: accounts.flatMap(({ source, account }) => loadsOf(source, account, at, options)),
  };
  if (hasFailed || !hasCalls) return tables;
  for (const [n, { source, account }] of accounts.entries()) {
    const random = seeded(n + 1);
    const until = at.getTime() - (options.behind?.source === source ? options.behind.hours * HOUR_MS : 0);
    const moments = momentsOf(random, { until, perDay: (options.callsPerDay ?? 80) / accounts.length });
    const made = MAKERS[source]?.({ account, random, options, moments, at }) ?? {};
    for (const [name, rows] of Object.entries(made)) tables[name] = [...(tables[name] ?? []), ...rows];
  }
  return tables;
}

function accountsOf(source: string, { accounts = 2 }: ClinicOptions): readonly string[] {
  if (source !== 'kalem' && source !== 'solum') return ['default'];
  return ['default', ...Array.from({ length: accounts - 1 }, (_, n) => (n === 0 ? 'north' : `site_${n}`))];
}

function loadsOf(source: string, account: string, at: Date, { hasFailed, behind }: ClinicOptions): Rows {
  const late = behind?.source === source ? behind.hours : 0;
  return (STREAMS[source] ?? []).map((stream) => ({
    ...{ load_id: `${source}-${account}-${stream}`, source, account, stream, status: hasFailed ? 'failed' : 'ok' },
    window_to: new Date(at.getTime() - late * HOUR_MS),
    ...{ requests: 1, records: 1, changed: 1, unchanged: 0, deleted: 0, rejected: 0 },
    ...{ started_at: at, ended_at: at },
  }));
}

interface Making {
  readonly account: string;
  readonly random: () => number;
  readonly options: ClinicOptions;
  readonly moments: readonly Date[];
  readonly at: Date;
}

/** Middays on Wednesdays nobody is there. */
function isMissed(moment: Date, random: () => number): boolean {
  const local = new Date(moment.getTime() + ZONE_MS);
  return random() < (local.getUTCDay() === 3 && local.getUTCHours() === 12 ? 0.8 : 0.08);
}

const later = (moment: Date, seconds: number) => new Date(moment.getTime() + seconds * 1000);
const pick = <T>(random: () => number, list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
const common = ({ account, at }: Making, id: unknown, moment: Date) => ({
  ...{ account, _part_on: moment, _first_seen_at: moment, _changed_at: at, _seq: 1, _load_id: String(id) },
});

function namesOf(
  { names, agents = AGENTS.length }: ClinicOptions,
  usual: readonly string[],
  count = agents,
): readonly string[] {
  if (names) return names;
  return Array.from({ length: count }, (_, n) => usual[n] ?? `${usual[n % usual.length]} ${n}`);
}

function kalemRows(making: Making): Tables {
  const { account, random, options, moments } = making;
  const agents = namesOf(options, AGENTS);
  const rows = moments.map((moment, n) => {
    const missed = isMissed(moment, random);
    const wait = 3 + random() * random() * 40;
    const seconds = Math.round(60 + random() * random() * 1200);
    return {
      ...common(making, n, moment),
      ...{
        call_id: `k-${account}-${n}`,
        direction: random() < 0.8 ? 'inbound' : 'outbound',
        agent: pick(random, agents),
      },
      ...{ status: missed ? 'no_answer' : 'completed', started_at: moment, ended_at: later(moment, wait + seconds) },
      ...(missed
        ? {}
        : { answered_at: later(moment, wait), duration_seconds: seconds, cost: (0.5 + random() * 9).toFixed(2) }),
    };
  });
  return { kalem_calls: rows };
}

function zuduRows(making: Making): Tables {
  const { random, options, moments } = making;
  const agents =
    options.names ??
    Array.from({ length: options.agents ?? 5 }, (_, n) => `agent_${String(n).padStart(3, '0')}${'9f3a'.repeat(6)}`);
  const rows = moments.map((moment, n) => {
    const missed = isMissed(moment, random);
    const ms = Math.round(random() * 900_000);
    return {
      ...common(making, n, moment),
      ...{ call_id: `z-${n}`, agent_id: pick(random, agents), call_type: 'PHONE_CALL', call_status: 'ENDED' },
      ...{
        direction: random() < 0.7 ? 'INBOUND' : 'OUTBOUND',
        disconnection_reason: missed ? 'DIAL_NO_ANSWER' : 'USER_HANGUP',
      },
      ...{
        started_at: moment,
        ended_at: later(moment, ms / 1000),
        call_duration_ms: ms,
        combined_cost: (random() * 12).toFixed(3),
      },
    };
  });
  return { zudu_calls: rows };
}

function solumRows(making: Making): Tables {
  const { account, random, options, moments, at } = making;
  const categories = options.names ?? CATEGORIES;
  const rows = moments.map((moment, n) => {
    const minutes = 1 + random() * 12;
    const place = Math.floor(random() * categories.length);
    const isOpen = random() < (at.getTime() - moment.getTime() < 4 * DAY_MS ? 0.12 : 0.006);
    return {
      ...common(making, n, moment),
      ...{
        id: `s-${account}-${n}`,
        assistant_id: pick(random, options.names ?? ['assistant-one', 'assistant-two']),
        type: 'inboundPhoneCall',
      },
      ...{ created_at: moment, started_at: moment, ended_at: later(moment, minutes * 60), duration_min: minutes },
      ...{ category: categories[place], language: 'english', status: isOpen ? 'follow_up_needed' : 'done' },
      sessions_scheduled: random() < 0.5 / (place + 1) ? 1 : 0,
    };
  });
  return { solum_calls: rows };
}

function kismetRows(making: Making): Tables {
  const { random, options, moments } = making;
  const clinicians = namesOf(options, CLINICIANS, options.clinicians ?? CLINICIANS.length);
  const calls = moments.map((moment, n) => {
    const user = Math.floor(random() * random() * clinicians.length);
    const state = random() < 0.05 ? 'failed' : 'ended';
    return {
      ...common(making, n, moment),
      ...{ id: n, organization_user_id: user, state, is_ended: true, created_at: moment },
    };
  });
  const users = clinicians.map((name, id) => ({
    ...common(making, id, moments[0] ?? making.at),
    id,
    display_name: name,
  }));
  const ends = calls.map((call) => ({
    ...common(making, call.id, call.created_at),
    id: call.id,
    call_id: call.id,
    event: 'update',
    created_at: later(call.created_at, 300 + random() * 2400),
  }));
  const changes = ends.map((end) => ({
    ...common(making, end.id, end.created_at),
    audit_log_id: end.id,
    call_id: end.call_id,
    field: 'is_ended',
    created_at: end.created_at,
  }));
  const participants = calls.flatMap(({ id, created_at: moment }) => [
    { ...common(making, id, moment), call_id: id, id: 2 * id, participant_type: 'User' },
    ...(random() < 0.85
      ? [{ ...common(making, id, moment), call_id: id, id: 2 * id + 1, participant_type: 'Recipient' }]
      : []),
  ]);
  return {
    kismet_calls: calls,
    kismet_organization_users: users,
    kismet_call_audit_logs: ends,
    kismet_call_audit_changes: changes,
    kismet_call_participants: participants,
  };
}

const MAKERS: Readonly<Record<string, (making: Making) => Tables>> = {
  ...{ kalem: kalemRows, zudu: zuduRows, solum: solumRows, kismet: kismetRows },
};
