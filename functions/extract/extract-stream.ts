import type { StreamResult } from '../results.ts';
import { diffPage } from './changes/diff.ts';
import { commitIfDue, commitStream } from './commit/commit-stream.ts';
import { pagesOf } from './pages/pages.ts';
import { dueReads } from './reads/due-reads.ts';
import { redactHistory } from './redact/redact-history.ts';
import { flattenPage } from './rows/flatten.ts';
import type { StreamSession } from './session/session.ts';
import { stagePage } from './stage/stage-page.ts';

/**
 * One run of one stream: plan, pages, flatten, diff, stage, commit. A failed request ends a read, and what was read before is
 * committed. A failure of any later step is thrown; then nothing after the last commit counts, and the next run reads it again.
 */
export async function extractStream(session: StreamSession): Promise<StreamResult> {
  for (const read of dueReads(session)) {
    for await (const page of pagesOf(session, read)) {
      const records = flattenPage(session, read, page);
      const changes = diffPage(session, read, page, records);
      await stagePage(session, page, changes);
      read.advance(page, changes);
      await commitIfDue(session);
    }
    await read.conclude();
    if (read.hasFailed()) break;
  }
  await commitStream(session, session.progress.status());
  if (session.progress.state().redact.length > 0) await redactHistory(session);
  return { stream: session.id.stream, ...session.progress.result(session.progress.status()) };
}
