import { describe, expect, test } from 'vitest';
import { extractAccount } from '../../../../functions/extract/extract-account.ts';
import { basic, headers } from '../../../../functions/source/auth.ts';
import { detailsPaging } from '../../../../functions/source/details.ts';
import { type Ask, byOffset, fromLast } from '../../../../functions/source/paging.ts';
import {
  type DetailsStream,
  defineSource,
  type Source,
  type Stream,
  type WindowRule,
} from '../../../../functions/source/source.ts';
import { CASES, type CaseResult } from '../../../../local/commands/check-source/conformance.ts';
import type { Extract } from '../../../../local/commands/check-source/world.ts';
import { boolean, text } from '../../../../schemas/column.ts';
import type { Table } from '../../../../schemas/table.ts';
import capped from '../../../fixtures/sources/capped.ts';
import oauthPhone from '../../../fixtures/sources/oauth-phone.ts';
import postbox from '../../../fixtures/sources/postbox.ts';
import { failures, resultsOf } from '../../../helpers/conformance.ts';
import { everySource } from '../../../helpers/every-source.ts';
import { VENDORS, vendorSources } from '../../../helpers/vendors.ts';

const sources = await everySource();
const all = new Map<string, readonly CaseResult[]>();

describe('each case of the conformance suite', () => {
  test.each(sources)('holds for $name', async (source) => {
    const results = await resultsOf(source);
    all.set(source.name, results);
    expect(failures(results)).toEqual({});
    expect(results.filter(({ outcome }) => outcome === 'ok').length).toBeGreaterThan(8);
  });

  test('says something about two sources at least', () => {
    for (const { name } of CASES) {
      const applies = [...all].filter(([, results]) =>
        results.some((one) => one.name === name && one.outcome === 'ok'),
      );
      expect(applies.length, name).toBeGreaterThanOrEqual(2);
    }
    expect([...all.keys()]).toEqual(expect.arrayContaining([...VENDORS, 'figures', 'oauth_phone', 'postbox']));
  });
});

/** A source whose first stream is changed. */
function changed(source: Source, stream: object, table: Partial<Table> = {}): Source {
  const [[name, declared] = []] = Object.entries(source.streams);
  if (!name || !declared) throw new Error('no stream');
  const tables: Stream['tables'] = [{ ...declared.tables[0], ...table }];
  return { ...source, streams: { [name]: { ...declared, ...stream, tables } as Stream } };
}

describe('the suite holds for lists', () => {
  const query = (names: Readonly<Record<string, keyof Ask>>) => (ask: Ask) => ({
    query: Object.fromEntries(Object.entries(names).map(([name, of]) => [name, ask[of] as string | undefined])),
  });
  const windowed = (as: WindowRule['as']) => ({
    window: { by: 'started_at', as },
    ask: query({ page: 'page', limit: 'size', from: 'from', to: 'to' }),
    answer: { records: 'data', pages: 'last_page', total: 'total' },
  });

  test.each([
    {
      how: 'with numbers from 0',
      stream: { firstPage: 0, ask: query({ page: 'page' }), answer: { records: 'data', page: 'page', total: 'n' } },
    },
    {
      how: 'with offsets',
      stream: {
        ask: query({ skip: 'next', limit: 'size' }),
        answer: { records: 'data', next: byOffset, total: 'total' },
      },
    },
    {
      how: 'that begin at the last value',
      stream: {
        ask: query({ before: 'next', limit: 'size' }),
        answer: { records: 'data', next: fromLast('started_at'), total: 'total' },
      },
    },
    {
      how: 'that begin at the last value, without an envelope',
      stream: { ask: query({ before: 'next', limit: 'size' }), answer: { records: '.', next: fromLast('started_at') } },
    },
    {
      how: 'with links only',
      stream: { ask: query({ page: 'page' }), answer: { records: 'data', link: 'links.next' } },
    },
    { how: 'without an envelope', stream: { ask: query({ page: 'page' }), answer: undefined } },
    { how: 'in one answer', stream: { pageSize: 0, ask: () => ({ query: {} }), answer: { records: 'data' } } },
    { how: 'with windows of days', stream: windowed('day') },
    {
      how: 'with windows of days whose last day is left out',
      stream: { ...windowed('day'), window: { by: 'started_at', as: 'day', end: 'excluded' } },
    },
    {
      how: 'with a token and a number of the page',
      stream: {
        ask: query({ cursor: 'next', page: 'page', limit: 'size' }),
        answer: { records: 'data', next: 'next', page: 'page', total: 'total' },
      },
    },
    { how: 'with windows of seconds', stream: windowed('seconds') },
    {
      how: 'with windows of ms in the body',
      stream: {
        ...windowed('millis'),
        ask: ({ page, from, to }: Ask) => ({
          body: { page, when: from && (to ? { between: [from, to] } : { after: from }) },
        }),
      },
    },
    {
      how: 'with windows whose ends are in one text',
      stream: {
        ...{ ...windowed('iso'), window: { by: 'started_at', as: 'iso', longest: '30d', required: { back: '365d' } } },
        ask: ({ page, from, to }: Ask) => ({ body: { page, filter: from && `start: ${from}/${to} (both)` } }),
      },
    },
  ])('$how', async ({ stream }) => {
    expect(failures(await resultsOf(changed(postbox, stream, { partOn: 'started_at' })))).toEqual({});
  });

  test.each([
    basic('POSTBOX_USER', 'POSTBOX_TOKEN'),
    headers({ 'X-Key': 'POSTBOX_TOKEN', Authorization: 'Token {POSTBOX_TOKEN}' }),
  ])('with authorization of kind $kind', async (auth) => {
    expect(failures(await resultsOf(defineSource({ ...postbox, auth })))).toEqual({});
  });
});

describe('the suite finds a declaration', () => {
  test('that requests no page after the second', async () => {
    const [, , solum] = await vendorSources();
    if (!solum) throw new Error('no source');
    const ask = ({ page, size }: { page: number; size: number }) => ({
      query: { page: Math.min(page, 2), limit: size },
    });
    const failed = failures(await resultsOf(changed(solum, { ask, window: undefined })));
    expect(failed['every record is stored with its values']).toMatch(/exit code 4: .*page 3 was requested/);
  });

  test('whose key is not unique', async () => {
    const columns = {
      ...postbox.streams['calls']?.tables[0].columns,
      id: text({ path: 'id', nullable: false, transform: (value) => String(value).slice(0, 4), doc: '.' }),
    };
    const failed = failures(await resultsOf(changed(postbox, {}, { columns })));
    expect(failed['every record is stored with its values']).toContain('records');
  });

  test('that takes each answer for a failure', async () => {
    const answer = { ...postbox.streams['calls']?.answer, failed: () => true };
    const failed = failures(await resultsOf(changed(postbox, { answer })));
    expect(failed['every record is stored with its values']).toMatch(
      /the vendor reported a failure .*; expected exit code 0/,
    );
  });

  test('whose opt-out flag has the opposite sense', async () => {
    const columns = {
      ...oauthPhone.streams['calls']?.tables[0].columns,
      flag: boolean({ path: 'flag', transform: () => true, doc: '.' }),
      words: text({ path: 'words', sensitive: true, doc: '.' }),
    };
    const optOut = { flagColumn: 'flag', redactedColumns: ['words'] };
    const failed = failures(await resultsOf(changed(oauthPhone, {}, { columns, optOut })));
    expect(failed['every record is stored with its values']).toContain('columns without a value: words; expected');
  });
});

describe('the suite finds an extraction', () => {
  const withSource =
    (change: (source: Source) => Source): Extract =>
    (source, request, ports) =>
      extractAccount(change(source), request, ports);

  test('that does nothing, in each case that applies', async () => {
    const nothing: Extract = async (source, { account, at }) => ({
      ...{ source: source.name, account, at: at.toISOString() },
      ...{ streams: [], exitCode: 0 },
    });
    const results = await resultsOf(postbox, nothing);
    const applies = results.filter(({ outcome }) => outcome === 'ok' || 'seen' in (outcome as object));
    expect(Object.keys(failures(results))).toEqual([...new Set(applies.map(({ name }) => name))]);
  });

  test('that finds no removal', async () => {
    const never = withSource((source) => changed(source, {}, { removal: 'never' }));
    expect(failures(await resultsOf(changed(postbox, { details: {} }), never))).toEqual({
      'a removal is found, and nothing else is marked':
        'a record is removed; three full scans do not show it: 1 records that the vendor removed are not marked; expected one row for each record that the vendor lists; check answer.total and answer.more: a scan proves a removal only if it meets the total',
    });
  });

  test('that does not divide what a cap hides', async () => {
    const blind = withSource((source) => changed(source, { window: undefined }));
    expect(failures(await resultsOf(capped, blind))['a result cap is divided']).toMatch(/exit code 4|records/);
  });

  test('that never reads everything again', async () => {
    const [kalem] = await vendorSources();
    if (!kalem) throw new Error('no source');
    const rarely: Extract = (source, request, ports) => {
      const { kalem: own } = request.settings.sources;
      const settings = { ...request.settings, sources: { kalem: { ...own, sweepEvery: '365d' } } };
      return extractAccount(source, { ...request, settings }, ports);
    };
    expect(failures(await resultsOf(kalem, rarely))['a late edit is found']).toContain('has the old value');
  });

  const withDetails = (change: (stream: DetailsStream) => DetailsStream): Extract =>
    withSource((source) => {
      const { calls, call_details: details } = source.streams;
      if (!calls || details?.kind !== 'details') throw new Error('no details');
      return { ...source, streams: { calls, call_details: change(details) } };
    });

  test('that gives the rows of details another key', async () => {
    const swap = withDetails((details) => ({
      ...details,
      partitions: (context) =>
        [...(details.partitions?.(context) ?? [])].map((one) => ({ ...one, context: { id: 'x' } })),
    }));
    expect(failures(await resultsOf(postbox, swap))['every record is stored with its values']).toContain('have no row');
  });

  test('that requests details in each run', async () => {
    const always = withDetails((details) => ({
      ...details,
      declared: { ...details.declared, again: [{ every: '15m', back: '3650d' }] },
    }));
    expect(failures(await resultsOf(postbox, always))).toMatchObject({
      'details are requested once': expect.stringContaining('19 requests for details in the second run; expected one'),
    });
  });

  test('that reads another part of the answer than the details', async () => {
    const whole = withDetails(({ declared, ...details }) => ({
      ...details,
      ...detailsPaging({ ...declared, answer: {} }),
      declared,
    }));
    expect(
      failures(await resultsOf(postbox, whole))['details that cannot be read do not keep the others waiting'],
    ).toMatch(/17 other records have no details; expected exit code 4, and the details of all others/);
  });
});
