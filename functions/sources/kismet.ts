import * as z from 'zod';
import { isJsonObject } from '../../schemas/json-text.ts';
import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCallParticipants,
  kismetCalls,
  kismetDailyCallMetrics,
  kismetOrganizationUsers,
} from '../../schemas/tables/kismet.ts';
import { ConfigError, ContractError } from '../errors.ts';
import { headers } from '../source/auth.ts';
import { count, readEnvelope } from '../source/envelope.ts';
import {
  defineSource,
  type Ownership,
  type Page,
  type PageRequest,
  type Partition,
  type RequestVariant,
  type Sighting,
  type SourceContext,
} from '../source/source.ts';

const USERS = 'organization_users';
const CALLS = 'calls';
const USER_IDS = 'KISMET_USER_IDS';
/** Names of the maps in an answer of daily metrics. */
const MAPS = ['total_calls', 'average_duration', 'call_fail_rate', 'average_wait_time'];

const pagination = z.looseObject({ current_page: count, total_pages: count, total_count: count }).nullish();

/** Pages are counted from 1. The default size is 25; the vendor may lower a larger `per_page` silently. */
const byPage: RequestVariant = {
  name: 'get',
  method: 'GET',
  query: ({ page, size }) => ({ page: String(page), per_page: String(size) }),
};

/** @param list name of the list in the answer */
function pagesOf(list: string) {
  const shape = z.looseObject({ [list]: z.array(z.unknown()), pagination });
  return (body: unknown, request: PageRequest): Page => {
    const seen = readEnvelope(shape, body);
    const at = seen.pagination as z.infer<typeof pagination>;
    const pages = at?.total_pages;
    return {
      records: seen[list] as unknown[],
      page: at?.current_page ?? undefined,
      total: at?.total_count ?? undefined,
      more: typeof pages === 'number' ? (at?.current_page ?? request.page) < pages : undefined,
    };
  };
}

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

/** Turns four maps from day to figure into one record per day. A map may lack a day; unknown maps are kept in `_extra`. */
function readMetrics(body: unknown): Page {
  if (!isJsonObject(body) || !MAPS.some((name) => isJsonObject(body[name]))) {
    throw new ContractError(
      `the answer is not what the vendor's document says: expected at least one of ${MAPS.join(', ')}`,
    );
  }
  const days = new Map<string, Map<string, unknown>>();
  for (const [name, map] of Object.entries(body)) {
    if (!isJsonObject(map)) continue;
    for (const [day, figure] of Object.entries(map)) {
      const record = days.get(day) ?? new Map([['date', day as unknown]]);
      // The day itself is called `date`; a map of that name is kept beside it.
      days.set(day, record.set(name === 'date' ? 'date_map' : name, figure));
    }
  }
  return { records: [...days.values()].map((record) => Object.fromEntries(record)), more: false };
}

/**
 * Kismet Health. The details of a call are never requested, because each request writes a `read` entry into the call's audit
 * log.
 */
export default defineSource({
  name: 'kismet',
  baseUrl: 'https://api.kismethealth.com',
  auth: headers({ 'X-Client-ID': 'KISMET_CLIENT_ID', 'X-Client-Secret': 'KISMET_CLIENT_SECRET' }),
  options: [USER_IDS],
  streams: {
    [USERS]: {
      kind: 'collection',
      tables: [kismetOrganizationUsers],
      path: '/api/external/organization_users',
      firstPage: 1,
      pageSize: 100,
      skipWhenOptionSet: USER_IDS,
      alwaysSweep: true,
      order: [],
      filters: false,
      tiers: [],
      variants: [byPage],
      read: pagesOf('organization_users'),
    },
    [CALLS]: {
      kind: 'collection',
      tables: [kismetCalls, kismetCallParticipants],
      path: '/api/external/organization_users/{organization_user_id}/calls',
      firstPage: 1,
      pageSize: 100,
      partitions: callPartitions,
      assignOwner: smallestUser,
      skipMissingPartition: true,
      // The document names no order and no filter. A read stops early only if the records confirm an order.
      order: ['created_at', 'updated_at'],
      filters: false,
      tiers: [
        { every: '15m', back: '6h' },
        { every: '6h', back: '7d' },
      ],
      variants: [byPage],
      read: pagesOf('calls'),
    },
    call_audit_logs: {
      kind: 'per-parent',
      tables: [kismetCallAuditLogs, kismetCallAuditChanges],
      path: '/api/external/organization_users/{organization_user_id}/calls/{call_id}/audit_logs',
      firstPage: 1,
      pageSize: 100,
      parent: CALLS,
      partitions: auditPartitions,
      skipMissingPartition: true,
      hotFor: '24h',
      maxAge: '7d',
      variants: [
        {
          ...byPage,
          // `from` is a day, inclusive (document "Important Notes"). Its time zone is not documented, hence a day of overlap.
          query: (request) => ({
            ...byPage.query(request),
            ...(request.window ? { from: request.window.from.toISOString().slice(0, 10) } : {}),
          }),
        },
      ],
      read: pagesOf('audit_logs'),
    },
    daily_call_metrics: {
      kind: 'daily',
      tables: [kismetDailyCallMetrics],
      path: '/api/external/call_metrics',
      firstPage: 1,
      pageSize: 0,
      partitions: metricPartitions,
      skipMissingPartition: true,
      tiers: [
        { every: '6h', back: '7d' },
        { every: '1d', back: '45d' },
      ],
      historyFrom: [USERS, CALLS],
      variants: [
        {
          name: 'get',
          method: 'GET',
          // Both dates are always sent, because the default range is not documented.
          query: ({ window }) => ({
            ...(window ? { date_start: window.from.toISOString().slice(0, 10) } : {}),
            ...(window?.to ? { date_end: window.to.toISOString().slice(0, 10) } : {}),
          }),
        },
      ],
      read: readMetrics,
    },
  },
});
