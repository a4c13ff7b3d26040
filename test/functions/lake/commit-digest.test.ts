import { expect, test } from 'vitest';
import { commitStream } from '../../../functions/extract/commit/commit-stream.ts';
import { commitDigest } from '../../../functions/lake/commit-digest.ts';
import { readState } from '../../../functions/lake/commit-log.ts';
import { newDigest } from '../../../functions/lake/digest.ts';
import { commitsOf } from '../../helpers/fold-staged.ts';
import { unitSession } from '../../helpers/session.ts';
import { digestEntry } from '../../helpers/settled-digest.ts';

test('a commit of a digest alone loads nothing, says nothing about freshness, and leaves no earlier digest', async () => {
  const { session, store, ports } = await unitSession();
  session.digest.set('a', digestEntry('h'));
  session.rejects.add('unit_calls', 'note', 'too long');
  await commitStream(session, 'ok');
  const before = [...store.objects.keys()].filter((key) => key.includes('digest'));
  expect(before).toHaveLength(1);
  const [last] = await commitsOf(store, session.id);
  if (!last) throw new Error('no commit');
  const digest = newDigest({ entries: new Map([['b', digestEntry('i')]]) });
  await commitDigest(session.id, { last, digest, state: readState(last, session.id), runId: 'a rotation' }, ports);
  const commit = (await commitsOf(store, session.id)).at(-1);
  expect(commit).toMatchObject({
    ...{ n: 2, version: 1, runId: 'a rotation', status: 'ok', backfill: true, windowFrom: null, windowTo: null },
    ...{ raw: [], staged: [], scans: [], rejects: [] },
    counts: { requests: 0, records: 0, vendorTotal: null, changed: 0, unchanged: 0, deleted: 0, rejected: 0 },
  });
  expect([...store.objects.keys()].filter((key) => key.includes('digest'))).toEqual(commit?.digests);
  expect((await unitSession({ store })).session.digest.entries.get('b')).toMatchObject({ contentHash: 'i' });
});
