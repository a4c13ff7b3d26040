import { describe, expect, test } from 'vitest';
import { type DigestEntry, newDigest } from '../../../functions/lake/digest.ts';
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
    const digest = newDigest(new Map([['old', entry()]]), new Map([['x', { readAt: 1 }]]));
    expect([digest.changed(), [...digest.changes()].map(encodeLine)]).toEqual([0, []]);
    digest.set('a', entry());
    digest.set('a', entry());
    digest.setCursor('y', { readAt: 2 });
    expect(digest.changed()).toBe(2);
    expect([...digest.changes()].map(encodeLine)).toEqual([line('a'), '["l","y",{"r":2}]']);
    expect([...digest.changes(true)].map(encodeLine)).toEqual([
      line('old'),
      line('a'),
      '["l","x",{"r":1}]',
      '["l","y",{"r":2}]',
    ]);
    digest.markSaved();
    expect([digest.changed(), [...digest.changes()].map(encodeLine)]).toEqual([0, []]);
    expect([...digest.entries.keys()]).toEqual(['old', 'a']);
  });

  test('keeps for other streams what they list partitions by, and nothing else', () => {
    const kept = entry({ group: 'g', deletedAt: 3 });
    const digest = newDigest(
      new Map([
        ['a', { ...kept, children: '[]', alias: 'u', missingSince: 4 }],
        ['b', entry({ children: '[]' })],
        ['c', entry({ alias: 'u' })],
      ]),
      new Map([['x', { readAt: 1 }]]),
    );
    digest.freeForReaders();
    expect(Object.fromEntries(digest.entries)).toStrictEqual({ a: kept, b: entry(), c: entry({ alias: 'u' }) });
    expect(digest.cursors.size).toBe(0);
  });
});
