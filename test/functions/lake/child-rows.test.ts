import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type ChildRow,
  childId,
  childKey,
  decodeChildren,
  encodeChildren,
} from '../../../functions/lake/child-rows.ts';
import { kismetCallAuditChanges, kismetCallParticipants } from '../../../schemas/tables/kismet.ts';
import { holds } from '../../helpers/holds.ts';

const child: ChildRow = { contentHash: 'h', partOn: 1, firstSeenAt: 2, deleted: false };

describe('the id of a child', () => {
  test('names its table and its key', () => {
    const id = childId(kismetCallParticipants, '4\u001fUser\u001f2');
    expect(id).toBe('kismet_call_participants\u001f4\u001fUser\u001f2');
    expect(childKey(kismetCallParticipants, id)).toBe('4\u001fUser\u001f2');
    expect(childKey(kismetCallAuditChanges, id)).toBeUndefined();
  });

  test('is not that of a table whose name begins alike', () => {
    const longer = { ...kismetCallParticipants, name: `${kismetCallParticipants.name}_more` };
    expect(childKey(kismetCallParticipants, childId(longer, '1'))).toBeUndefined();
  });
});

describe('the children of a record', () => {
  test.each([
    ['[["a","h",1,2]]', [['a', child]]],
    ['[["a","h",1,2,1]]', [['a', { ...child, deleted: true }]]],
    [
      '[["b","h",1,2],["a","i",3,4,1]]',
      [
        ['b', child],
        ['a', { contentHash: 'i', partOn: 3, firstSeenAt: 4, deleted: true }],
      ],
    ],
  ] as const)('are %s', (text, children) => {
    expect([...decodeChildren(text)]).toEqual(children);
    expect(encodeChildren(new Map(children))).toBe(text);
  });

  test('that are none have no text', () => {
    expect(encodeChildren(new Map())).toBeUndefined();
    expect(decodeChildren(undefined).size).toBe(0);
    expect(decodeChildren('[]').size).toBe(0);
  });

  test('are read as they were written', () => {
    const row = fc.record({
      contentHash: fc.string(),
      partOn: fc.integer(),
      firstSeenAt: fc.integer(),
      deleted: fc.boolean(),
    });
    const children = fc.uniqueArray(fc.tuple(fc.string(), row), { selector: ([id]) => id, minLength: 1 });
    holds(
      fc.property(children, (list) => {
        expect([...decodeChildren(encodeChildren(new Map(list)))]).toEqual(list);
      }),
      { numRuns: 200 },
    );
  });
});
