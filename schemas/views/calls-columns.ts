import { normalised } from '../derive/sql-text.ts';
import { bigint, boolean, decimal, double, oneOf, text, timestamp, type ViewColumn } from './view.ts';

/** What bounds a number of `calls`. A value below 0 or above the greatest is left out, and `implausible` names it. */
interface Plausible<Setting extends string> {
  /** Setting below `plausible` that replaces `greatest`. */
  readonly setting: Setting;
  /** Greatest plausible value, in the unit of the setting. */
  readonly greatest: number;
  /** The setting's unit in units of the column. */
  readonly times: number;
  /** Word for the value in `implausible` and `data_quality`. */
  readonly issue: string;
}

function bounded<S extends string>(column: ViewColumn, plausible: Plausible<S>) {
  return { ...column, plausible };
}

const WAIT =
  "Time until the call was answered (Kalem); null if it was not, so missed calls have none. Of outbound calls it is the time that they rang: for the waits of callers keep direction = 'inbound' and answered.";

/** The columns of `calls` that the mapping of each table fills. `calls.ts` adds those that follow from them. */
export const MAPPED = {
  call_id: text('Id of the call at the vendor, as text.'),
  provider_id: text('Clinician of the call; null if the vendor knows none.'),
  provider_name: text("The clinician's present display name, kept after the user is removed."),
  agent: text('Voice agent or assistant that handled the call.'),
  channel: oneOf(['phone', 'web', 'video'], '; null if the vendor does not say.'),
  direction: oneOf(
    ['inbound', 'outbound'],
    '; null if the vendor does not say.',
    "CASE WHEN direction IN ('inbound', 'outbound') THEN direction END",
  ),
  status: text("The vendor's status, in lower case with underscores."),
  outcome: text("How or why the call ended, in the vendor's words."),
  category: text('What the call was about (Solum).'),
  result: oneOf(
    [
      ...['completed', 'transferred', 'voicemail', 'no_answer', 'busy', 'cancelled', 'failed', 'in_progress'],
      ...['ringing', 'pending'],
    ],
    '; null if the vendor does not say.',
  ),
  answered: boolean(
    'True if somebody, or the voicemail of an outbound call, took it; null while it rings and if the vendor does not say (Kismet, Solum).',
  ),
  answered_basis: {
    ...text(
      'stated: the vendor documents whether it was answered (Kalem). inferred: disconnection_reason tells (Zudu). Null if unknown.',
      'CASE WHEN answered IS NOT NULL THEN answered_basis END',
    ),
    words: ['stated', 'inferred'],
  },
  is_ended: boolean('True once the call is over; null if the vendor does not say.'),
  started_at: timestamp('When the call started, as the vendor says; null if it never did.'),
  ended_at: timestamp('When the call ended; null while it lasts, and always for Kismet (see kismet_sessions).'),
  duration_seconds: bounded(double('Duration of the call, as the vendor gives it.', 's'), {
    ...{ setting: 'maxCallHours', greatest: 24, times: 3600, issue: 'duration' },
  }),
  wait_seconds: bounded(double(WAIT, 's'), {
    setting: 'maxWaitMinutes',
    greatest: 60,
    times: 60,
    issue: 'wait',
  }),
  cost: bounded(decimal('Cost, in cost_currency.'), {
    ...{ setting: 'maxCost', greatest: 10_000, times: 1, issue: 'cost' },
  }),
  cost_currency: text(
    'Currency of the cost; null if neither the vendor nor the setting costCurrency says (Zudu). Never add costs of different or unknown currency.',
  ),
  sessions_scheduled: bounded(bigint('Sessions booked in the call (Solum). A call can book several.', 'sessions'), {
    ...{ setting: 'maxSessions', greatest: 100, times: 1, issue: 'sessions' },
  }),
  needs_follow_up: boolean(
    'True if the work queue says follow_up_needed, false if pending or done (Solum); null if the vendor has no such queue, or its state is unknown.',
  ),
  is_successful: boolean("The vendor's own judgement of the call (Zudu)."),
  sentiment: text("The vendor's judgement of the caller's mood, in lower case (Zudu)."),
  language: text('Language spoken (Solum). A word that the vendor does not document is null until 5 records show it.'),
  caller_hash: text(
    "Keyed hash of the caller's number in E.164, equal across vendors; null if there is no valid number.",
  ),
  patient_hash: text(
    "Keyed hash of the vendor's id of the patient (Solum). Calls with an empty text for an id share one; rejects counts them.",
  ),
};

/** Name of a column that a table's mapping may fill. */
export type MappedColumn = keyof typeof MAPPED;

/** Columns in which vendors differ only in case, hyphens, spaces and underscores. */
const NORMALISED: readonly MappedColumn[] = ['status', 'direction'];

/** A mapping's expression for a column, in words that are equal for all vendors. */
export function comparable(name: MappedColumn, expression: string): string {
  return NORMALISED.includes(name) ? normalised(expression) : expression;
}

/** Name of a setting below `plausible`. */
export type PlausibleSetting = {
  [name in MappedColumn]: (typeof MAPPED)[name] extends { readonly plausible: Plausible<infer S> } ? S : never;
}[MappedColumn];
