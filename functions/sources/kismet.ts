import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCallParticipants,
  kismetCalls,
  kismetDailyCallMetrics,
  kismetOrganizationUsers,
} from '../../schemas/tables/kismet.ts';
import { ConfigError } from '../errors.ts';
import { headers } from '../source/auth.ts';
import type { Ownership, Partition, Sighting } from '../source/page.ts';
import type { Answer, Ask } from '../source/paging.ts';
import { defineSource, type SourceContext } from '../source/source.ts';

const USERS = 'organization_users';
const CALLS = 'calls';
const USER_IDS = 'KISMET_USER_IDS';

/** The default size is 25; the vendor may lower a larger `per_page` silently. */
const byPage = ({ page, size, from }: Ask) => ({ query: { page, per_page: size, from } });

/** @param list name of the list in the answer */
const answerWith = (list: string): Answer => ({
  records: list,
  page: 'pagination.current_page',
  pages: 'pagination.total_pages',
  total: 'pagination.total_count',
});

/**
 * Ids of the clinicians, ascending: those that the user set, because the vendor's list is not available to every account, or
 * those in the list.
 */
function userIds({ recordsOf, options }: SourceContext): readonly string[] {
  const listed = () => [...recordsOf(USERS)].filter(([, { deletedAt }]) => deletedAt === undefined).map(([id]) => id);
  const ids = options[USER_IDS] ? readIds(options[USER_IDS]) : listed();
  return [...new Set(ids)].sort((a, b) => Number(BigInt(a) - BigInt(b)));
}

function readIds(text: string): readonly string[] {
  const ids = text.split(',').map((id) => id.trim());
  if (ids.every((id) => /^[1-9]\d{0,18}$/.test(id))) return ids;
  throw new ConfigError(
    `${USER_IDS} is not a list of ids; expected whole numbers separated by commas, such as 101,102`,
  );
}

function* callPartitions(context: SourceContext): Iterable<Partition> {
  for (const id of userIds(context))
    yield { id, params: { organization_user_id: id }, context: { organization_user_id: id } };
}

function* auditPartitions(context: SourceContext): Iterable<Partition> {
  const users = new Set(userIds(context));
  for (const [id, { deletedAt, group: owner }] of context.recordsOf(CALLS)) {
    if (deletedAt !== undefined || owner === undefined || !users.has(owner)) continue;
    // There is one partition per call, so `params` and `context` share one object to save memory.
    const ids = { organization_user_id: owner, call_id: id };
    yield { id, params: ids, context: ids };
  }
}

function* metricPartitions(context: SourceContext): Iterable<Partition> {
  yield { id: 'organization', context: { scope: 'organization', scope_id: 'organization' } };
  for (const id of userIds(context)) {
    yield {
      id: `user-${id}`,
      query: { user_id: id },
      context: { scope: 'user', scope_id: id, organization_user_id: id },
    };
  }
}

/** Decides whose call it is: a call listed under two clinicians belongs to the smaller id. */
function smallestUser({ partition, earlier, known, sweep }: Sighting): Ownership {
  const listed = [partition, ...earlier, ...(sweep || known === undefined ? [] : [known])];
  const group = listed.reduce((least, id) => (BigInt(id) < BigInt(least) ? id : least));
  const warning =
    earlier.length > 0 ? 'some calls are listed under two clinicians; they are assigned to the smaller id' : undefined;
  return { group, context: { organization_user_id: group }, warning };
}

/** Kismet Health. The details of a call are never requested: each request writes a `read` entry into its audit log. */
export default defineSource({
  name: 'kismet',
  baseUrl: 'https://api.kismethealth.com',
  auth: headers({ 'X-Client-ID': 'KISMET_CLIENT_ID', 'X-Client-Secret': 'KISMET_CLIENT_SECRET' }),
  options: [USER_IDS],
  streams: {
    [USERS]: {
      tables: [kismetOrganizationUsers],
      path: '/api/external/organization_users',
      pageSize: 100,
      skipWhenOptionSet: USER_IDS,
      alwaysSweep: true,
      ask: byPage,
      answer: answerWith('organization_users'),
    },
    [CALLS]: {
      tables: [kismetCalls, kismetCallParticipants],
      path: '/api/external/organization_users/{organization_user_id}/calls',
      pageSize: 100,
      partitions: callPartitions,
      assignOwner: smallestUser,
      skipMissingPartition: true,
      // The document names no order and no filter. A read stops early only if the records confirm an order.
      order: ['created_at', 'updated_at'],
      tiers: [
        { every: '15m', back: '6h' },
        { every: '6h', back: '7d' },
      ],
      ask: byPage,
      answer: answerWith('calls'),
    },
    call_audit_logs: {
      kind: 'per-parent',
      tables: [kismetCallAuditLogs, kismetCallAuditChanges],
      path: '/api/external/organization_users/{organization_user_id}/calls/{call_id}/audit_logs',
      pageSize: 100,
      parent: CALLS,
      partitions: auditPartitions,
      skipMissingPartition: true,
      readAtAges: ['15m', '1h', '6h', '1d', '7d', '14d'],
      thenEvery: '30d',
      // `from` is a day, inclusive (document "Important Notes"). Its time zone is not documented, hence a day of overlap.
      window: { by: 'created_at', as: 'day' },
      ask: byPage,
      answer: answerWith('audit_logs'),
    },
    daily_call_metrics: {
      kind: 'daily',
      tables: [kismetDailyCallMetrics],
      path: '/api/external/call_metrics',
      pageSize: 0,
      partitions: metricPartitions,
      skipMissingPartition: true,
      tiers: [
        { every: '6h', back: '7d' },
        { every: '1d', back: '45d' },
      ],
      historyFrom: [USERS, CALLS],
      // Both dates are always sent, because the default range is not documented.
      window: { by: 'date', as: 'day' },
      ask: ({ from, to }) => ({ query: { date_start: from, date_end: to } }),
      days: { day: 'date', figures: ['total_calls', 'average_duration', 'call_fail_rate', 'average_wait_time'] },
    },
  },
});
