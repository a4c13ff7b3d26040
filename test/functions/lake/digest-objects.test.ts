import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openDigest } from '../../../functions/lake/digest/open-digest.ts';
import { newDigest } from '../../../functions/lake/digest.ts';
import { writeDigest } from '../../../functions/lake/digest-objects.ts';
import { nodePorts } from '../../../functions/node-ports.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';

const OWNER = { id: { source: 'zudu', account: 'default', stream: 'calls' } };
const KEYS = ['digests/1.jsonl.gz', 'digests/2.jsonl.gz'];

async function twoDigests() {
  const store = memoryStore();
  const digest = newDigest();
  // Far more than is expanded at once, so that lines and characters lie across the edges.
  for (let n = 0; n < 25_000; n += 1)
    digest.set(`anruf-ä€😀-${n}`, { contentHash: `hash-${n}`, partOn: n, firstSeenAt: 1_793_523_600_000 + n });
  digest.setCursor('list-é', { readAt: 7, newestDay: 20_000 });
  await writeDigest({ ...nodePorts, store }, KEYS[0] ?? '', digest.changes());
  digest.markSaved();
  digest.set('anruf-ä€😀-3', {
    contentHash: 'later',
    partOn: 3,
    firstSeenAt: 1,
    deletedAt: 2,
    children: '[["a\\u001fb","h",1,2]]',
  });
  await writeDigest({ ...nodePorts, store }, KEYS[1] ?? '', digest.changes());
  return { store, digest };
}

describe('a digest', () => {
  test('is read as it was written, and later objects replace entries of earlier ones', async () => {
    const { store, digest } = await twoDigests();
    const read = await openDigest({ ...nodePorts, store }, KEYS, OWNER);
    expect(read.entries.recent).toEqual(digest.entries.recent);
    expect(read.cursors.recent).toEqual(digest.cursors.recent);
    expect(read.changed()).toBe(0);
    const second = store.objects.get(KEYS[1] ?? '') ?? new Uint8Array();
    expect(gunzipSync(second).toString().split('\n')).toHaveLength(1);
  });

  test.each([
    ['cut short', (body: Uint8Array) => body.subarray(0, body.length - 9)],
    ['not gzip', () => Buffer.from('["e","a",{}]')],
  ])('is reported as damaged, and not taken as empty, if it is %s', async (_what, spoil) => {
    const { store } = await twoDigests();
    const body = store.objects.get(KEYS[0] ?? '') ?? new Uint8Array();
    store.objects.set(KEYS[0] ?? '', spoil(body));
    await expect(openDigest({ ...nodePorts, store }, KEYS, OWNER)).rejects.toThrow(
      'digests/1.jsonl.gz in memory is damaged',
    );
  });
});
