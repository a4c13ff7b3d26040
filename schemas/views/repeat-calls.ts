import type { Databases } from '../derive/databases.ts';
import { quoteName } from '../derive/sql-text.ts';
import { joinReadUntil } from './coverage.ts';
import { boolean, date, double, sourceAndAccount, text, timestamp, type View } from './view.ts';
import { targetsOf, type ViewSettings } from './view-settings.ts';

const DAY_MS = 86_400_000;

/** Who called again, over all vendors. */
export function repeatCallsView(settings: ViewSettings, databases: Databases): View {
  const { repeatDays } = targetsOf(settings);
  const since = "date_diff('millisecond', r.previous_at, r.started_at)";
  const until = (end: string) => `date_diff('millisecond', r.started_at, ${end})`;
  return {
    name: 'repeat_calls',
    key: ['source', 'account', 'call_id'],
    references: { calls: 'source, account, call_id' },
    doc: 'One row per inbound call whose caller has a hash, with the inbound call before by the same caller at any vendor: an approximation of first-contact resolution, which no vendor reports. To ask whether a caller called again after this call, read is_resolved of its row (false: called again): is_repeat looks back, is_resolved forward. Calls without a hash or a plausible start are left out. Callers are counted by count(DISTINCT caller_hash).',
    columns: {
      ...sourceAndAccount('r'),
      call_id: text('Id of the call.', 'r.call_id'),
      started_at: timestamp('When the call started.', 'r.started_at'),
      date: date(`Day of the call (${settings.timeZone}).`, 'r.local_date'),
      caller_hash: text('Keyed hash of the caller.', 'r.caller_hash'),
      previous_source: text('Vendor of the inbound call before; null if there is none.', 'r.previous_source'),
      previous_call_id: text('Id of that call.', 'r.previous_call_id'),
      hours_since_previous: double(
        'Time from the start of that call to the start of this one.',
        'h',
        `${since} / 36e5`,
      ),
      is_repeat: boolean(
        `True if the call before started at most ${repeatDays} days earlier (setting repeatDays). Calls before the first that was read are not known.`,
        `COALESCE(${since} <= ${repeatDays * DAY_MS}, FALSE)`,
      ),
      is_resolved: boolean(
        `False as soon as the caller called again within ${repeatDays} days (setting repeatDays), true once these are over without a call, else null. For a rate leave out calls of the last ${repeatDays} days that were read of the account: of them only the false ones are known.`,
        `CASE WHEN ${until('r.next_at')} <= ${repeatDays * DAY_MS} THEN FALSE WHEN ${until('w.read_until')} > ${repeatDays * DAY_MS} THEN TRUE END`,
      ),
    },
    from: `FROM (${inboundCalls(databases)}) r\n${joinReadUntil('r', databases)}`,
  };
}

function inboundCalls(databases: Databases): string {
  const beside = (column: string, neighbour: 'lag' | 'lead', name: string) =>
    `  ${neighbour}(c.${column}) OVER (PARTITION BY c.caller_hash ORDER BY c.started_at, c.source, c.account, c.call_id) AS ${name}`;
  return [
    'SELECT',
    [
      '  c.source, c.account, c.call_id, c.started_at, c.local_date, c.caller_hash',
      beside('started_at', 'lag', 'previous_at'),
      beside('source', 'lag', 'previous_source'),
      beside('call_id', 'lag', 'previous_call_id'),
      beside('started_at', 'lead', 'next_at'),
    ].join(',\n'),
    `FROM ${quoteName(databases.safe)}."calls" c`,
    "WHERE c.caller_hash IS NOT NULL AND c.direction = 'inbound' AND c.local_date IS NOT NULL",
  ].join('\n');
}
