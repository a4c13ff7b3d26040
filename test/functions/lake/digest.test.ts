import { describe, expect, test } from 'vitest';
import type { DigestEntry } from '../../../functions/lake/digest/digest-entry.ts';
import { newDigest } from '../../../functions/lake/digest.ts';
import { encodeLine } from '../../../functions/lake/digest-objects.ts';

const entry = (more: Partial<DigestEntry> = {}): DigestEntry => ({
  contentHash: 'h',
  partOn: 1,
  firstSeenAt: 2,
  ...more,
});
const line = (key: string) => `["e","${key}",{"h":"h","p":1,"f":2}]`;

describe('a digest', () => {
  test('collects what was set until it is saved', () => {
    const digest = newDigest({ entries: new Map([['old', entry()]]), cursors: new Map([['x', { readAt: 1 }]]) });
    expect([digest.changed(), [...digest.changes()].map(encodeLine)]).toEqual([0, []]);
    digest.set('a', entry());
    digest.set('a', entry());
    digest.setCursor('y', { readAt: 2 });
    expect(digest.changed()).toBe(2);
    expect([...digest.changes()].map(encodeLine)).toEqual([line('a'), '["l","y",{"r":2}]']);
    expect([...digest.everything()].map(encodeLine)).toEqual([
      line('old'),
      line('a'),
      '["l","x",{"r":1}]',
      '["l","y",{"r":2}]',
    ]);
    digest.markSaved();
    expect([digest.changed(), [...digest.changes()].map(encodeLine)]).toEqual([0, []]);
    expect([...digest.entries.recent.keys()]).toEqual(['old', 'a']);
  });

  test('counts live entries by group, and knows the earliest day, also of what is set later', () => {
    const digest = newDigest({ entries: new Map([['old', entry({ group: 'g', partOn: 7 })]]) });
    expect(digest.counts()).toEqual({ live: new Map([['g', 1]]), earliestDay: 7 });
    digest.set('a', entry({ partOn: 5 }));
    digest.set('old', entry({ group: 'g', partOn: 7, deletedAt: 3 }));
    digest.set('b', entry({ group: 'g', partOn: 9 }));
    digest.set('b', entry({ group: 'h', partOn: 9 }));
    expect(digest.counts()).toEqual({
      live: new Map<string | undefined, number>([
        [undefined, 1],
        ['g', 0],
        ['h', 1],
      ]),
      earliestDay: 5,
    });
  });
});
