import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { newRejects } from '../../../../functions/extract/rows/coerce.ts';
import { compileFlatten, type FlatRow } from '../../../../functions/extract/rows/flatten.ts';
import { layoutOf } from '../../../../schemas/layout.ts';
import type { Table } from '../../../../schemas/table.ts';
import { kalemCalls } from '../../../../schemas/tables/kalem.ts';
import {
  kismetCallAuditChanges,
  kismetCallAuditLogs,
  kismetCallParticipants,
  kismetCalls,
  kismetDailyCallMetrics,
  kismetOrganizationUsers,
} from '../../../../schemas/tables/kismet.ts';
import { solumCalls } from '../../../../schemas/tables/solum.ts';
import { zuduCalls } from '../../../../schemas/tables/zudu.ts';
import { holds } from '../../../helpers/holds.ts';
import { testTexts } from '../../../helpers/texts.ts';

const STREAMS = [
  [kismetOrganizationUsers],
  [kismetCalls, kismetCallParticipants],
  [kismetCallAuditLogs, kismetCallAuditChanges],
  [kismetDailyCallMetrics],
  [solumCalls],
  [zuduCalls],
  [kalemCalls],
] as const satisfies readonly (readonly [Table, ...Table[]])[];

/** Texts of a row that `callhouse` shows, by column: as MERGE makes the safe half. */
function shownTexts({ table, values }: FlatRow): [column: string, text: string][] {
  const layout = layoutOf(table);
  const hidden = String(values[layout.findIndex(({ name }) => name === '_hidden')]);
  return layout.flatMap(({ name, type, placement }, n): [string, string][] => {
    const value = values[n];
    const isHeld =
      placement === 'both' || placement === 'safe' || (placement === 'shown' && !hidden.includes(`,${name},`));
    return isHeld && typeof value === 'string' && type !== 'decimal' ? [[name, value]] : [];
  });
}

/** Members of a list of words, or the word itself. */
const wordsIn = (text: string): unknown[] => (text.startsWith('[') ? JSON.parse(text) : [text]);
const plain = (word: unknown) => String(word).toLowerCase().replace(/[- ]/g, '_');
const PHONE = /^\+\d{7,15}$|^1?[2-9]\d{9}$/;

function isAllowed(table: Table, column: string, text: string, earned: readonly string[]): boolean {
  const { safe } = table.columns[column] ?? {};
  if (table.key.includes(column) && /^~[0-9a-f]{32}$/.test(text)) return true;
  if (safe?.kind === 'id') return /^[A-Za-z0-9_.:-]{1,128}$/.test(text) && !PHONE.test(text.replace(/[.:-]/g, ''));
  if (safe?.kind === 'label')
    return text.length <= 120 && !text.includes('@') && !PHONE.test(text.replace(/[\s().:-]/g, ''));
  if (safe?.kind === 'code')
    return wordsIn(text).every((word) => safe.words.map(plain).includes(plain(word)) || earned.includes(String(word)));
  return false;
}

/** An id, a number, a hash, or what stands in place of an id. Another part of a key is escaped and blank. */
const NAME = /^~?[A-Za-z0-9_.:-]{1,128}$/;

/** Every name and every text of a value. */
function textsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  const own = Array.isArray(value) ? [] : Object.keys(value);
  return [...own, ...Object.values(value).flatMap(textsIn)];
}

/** A name of ours, a column, a word of one form that several records showed, or a hash. */
const isStateText = (one: string) => /^[A-Za-z0-9_.:-]{1,64}$/.test(one) && !PHONE.test(one);

const text = fc.oneof(
  fc.constantFrom(
    'Jane',
    'Jane Doe',
    'HIV',
    'diabetes',
    '+12025550100',
    '(202) 555-0100',
    '2025550100',
    'a@b.c',
    '__proto__',
  ),
  fc.constantFrom(
    'ended',
    'ENDED',
    'no-answer',
    'provider',
    'Recipient',
    'state',
    'x'.repeat(130),
    '',
    ' ',
    '\ud800',
    '~',
    ',status,',
  ),
  fc.string({ maxLength: 8 }),
  fc.string({ unit: 'binary', maxLength: 4 }),
);
const value = fc.oneof(text, fc.integer(), fc.boolean(), fc.constant(null), fc.array(text, { maxLength: 2 }));

/** A record that has something at every path which a table reads, and at others. */
function recordOf(tables: readonly Table[]) {
  const paths = tables.flatMap(({ columns }) => Object.values(columns).flatMap((column) => column.paths));
  const names = [
    ...new Set(paths.filter((path) => !/^[$]/.test(path)).map((path) => path.replace('^', '').split('.')[0] ?? '')),
  ];
  const nested = fc.dictionary(text, fc.tuple(value, value), { maxKeys: 2 });
  const child = fc.record({ id: fc.integer({ min: 1, max: 9 }), participant_type: value, name: value });
  const fields = names.map((name): [string, fc.Arbitrary<unknown>] => {
    if (name === 'participants') return [name, fc.array(child, { maxLength: 2 })];
    if (name === 'object_changes') return [name, nested];
    if (name === 'date') return [name, fc.constant('2026-11-01')];
    if (['metadata', 'call_analysis', 'telephony_identifier'].includes(name))
      return [
        name,
        fc.record({ priority: value, campaign: value, user_sentiment: value, call_sid: value }, { requiredKeys: [] }),
      ];
    if (name === 'id')
      return [name, tables[0] === solumCalls || tables[0] === zuduCalls ? value : fc.integer({ min: 1 })];
    return [name, name === 'opt_out_sensitive_data_storage' ? fc.boolean() : value];
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
}

describe('the safe half of a row', () => {
  test.each(STREAMS.map((tables) => [tables[0].name, tables] as const))(
    'of %s holds no text but ids, words of the list or earned, and labels, whatever the vendor sends',
    (_name, tables) => {
      const context = fc.record(
        { scope: value, scope_id: value, direction: value, call_id: value },
        { requiredKeys: [] },
      );
      let shown = 0;
      const property = fc.property(fc.array(fc.tuple(recordOf(tables), context), { maxLength: 12 }), (records) => {
        const texts = testTexts();
        const flatten = compileFlatten(tables, { rejects: newRejects(), stableKeys: new Map(), texts });
        for (const [record, surroundings] of records) {
          const flat = flatten(record, surroundings);
          if (!flat) continue;
          // What the digest and the state of removals and redactions keep of a record.
          const { key, contentHash, alias = 'a' } = flat.row;
          for (const part of [...key.split('\u001f'), contentHash, alias]) expect(part).toMatch(NAME);
          for (const row of [flat.row, ...[...flat.children.values()].flat()]) {
            for (const [column, cell] of shownTexts(row)) {
              const { earned = [] } = texts.state().words?.[`${row.table.name}.${column}`] ?? {};
              shown += 1;
              expect({ column, cell, ok: isAllowed(row.table, column, cell, earned) }).toEqual({
                column,
                cell,
                ok: true,
              });
            }
          }
        }
        expect(textsIn(texts.state()).filter((one) => !isStateText(one))).toEqual([]);
      });
      holds(property, { numRuns: 150 });
      expect(shown).toBeGreaterThan(0);
    },
  );

  test.each([
    [[kismetOrganizationUsers], { id: 123, is_admin: true, display_name: 'Dr. Jane Roe', roles: ['provider'] }, {}],
    [
      [kismetCalls, kismetCallParticipants],
      {
        id: 1,
        name: 'Initial Consult',
        livekit_session_id: 'lk-session-xyz',
        state: 'active',
        participants: [{ id: 1, participant_type: 'Recipient', name: 'Dave' }],
      },
      {},
    ],
    [
      [kismetCallAuditLogs, kismetCallAuditChanges],
      {
        id: 42,
        event: 'update',
        user_id: '1',
        object_changes: { state: ['active', 'ended'], is_ended: [false, true], updated_at: ['a', 'b'] },
      },
      { call_id: '1' },
    ],
    [[kismetDailyCallMetrics], { date: '2025-07-17', total_calls: 5 }, { scope: 'user', scope_id: '123' }],
    [
      [solumCalls],
      {
        id: '3c90c3cc-0d44-4b50-8888-8dd25736052a',
        type: 'inboundPhoneCall',
        status: 'pending',
        category: 'client_support',
        language: 'english',
      },
      {},
    ],
    [
      [zuduCalls],
      {
        id: '550e8400-e29b-41d4-a716-446655440000',
        call_id: 'call-456',
        agent_id: 'agent-123',
        organization_id: 'org-789',
        call_status: 'ENDED',
        call_type: 'PHONE_CALL',
        direction: 'OUTBOUND',
        disconnection_reason: 'USER_HANGUP',
        opt_out_sensitive_data_storage: false,
        metadata: { priority: 'high' },
        call_analysis: { user_sentiment: 'Positive' },
        telephony_identifier: {
          call_sid: 'CA1234567890abcdef1234567890abcdef',
          conference_sid: 'CF1234567890abcdef1234567890abcdef',
        },
      },
      {},
    ],
    [
      [kalemCalls],
      {
        call_id: '550e8400-e29b-41d4-a716-446655440000',
        status: 'completed',
        agent: 'Customer Support Agent',
        hangup_cause: 'NORMAL_CLEARING',
      },
      { direction: 'inbound' },
    ],
  ] as [readonly [Table, ...Table[]], object, Readonly<Record<string, unknown>>][])(
    'shows every text of the document’s own example (%#)',
    (tables, record, context) => {
      const rejects = newRejects();
      const flat = compileFlatten(tables, { rejects, stableKeys: new Map(), texts: testTexts() })(record, context);
      expect(flat).toBeDefined();
      expect(rejects.take().rejects).toEqual([]);
    },
  );
});
