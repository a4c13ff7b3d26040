import { diffPage, flattenPage } from '../../functions/extract/extract-stream.ts';
import { pagesOf } from '../../functions/extract/pages/pages.ts';
import type { PlannedRead } from '../../functions/extract/plan/plan.ts';
import type { Read } from '../../functions/extract/reads/read.ts';
import type { StreamSession } from '../../functions/extract/session/session.ts';
import type { DigestEntry, PartitionCursor } from '../../functions/lake/digest/digest-entry.ts';
import type { ResumePoint, StreamState } from '../../functions/lake/stream-state.ts';
import { type UnitOptions, unitSession } from './session.ts';

interface CarryOutOptions extends UnitOptions {
  /** Entries of the digest before the read. */
  readonly known?: Readonly<Record<string, DigestEntry>>;
  readonly cursors?: Readonly<Record<string, PartitionCursor>>;
  readonly state?: Partial<StreamState>;
}

/** Carries out one planned read as `extract-stream.ts` does, without staging. */
export async function carryOut(
  strategy: (session: StreamSession, plan: PlannedRead) => Read,
  plan: PlannedRead,
  { known = {}, cursors = {}, state = {}, ...options }: CarryOutOptions = {},
) {
  const resumes: (ResumePoint | undefined)[] = [];
  const answer = options.answer ?? (() => ({ records: [] }));
  const { session, client } = await unitSession({
    ...options,
    answer: (request) => {
      resumes.push(session.progress.state().resume);
      return answer(request);
    },
  });
  for (const [key, entry] of Object.entries(known)) session.digest.set(key, entry);
  for (const [partition, cursor] of Object.entries(cursors)) session.digest.setCursor(partition, cursor);
  session.progress.updateState(state);
  const read = strategy(session, plan);
  if (read.kind === 'sweep') await session.digest.beginScan();
  const windows: (string | undefined)[] = [];
  for await (const page of pagesOf(session, read)) {
    const changes = await diffPage(session, page, await flattenPage(session, read, page));
    windows.push(page.scan.request().window?.from.toISOString());
    read.advance(page, changes);
    resumes.push(session.progress.state().resume);
  }
  await read.conclude();
  return {
    read,
    resumes,
    windows,
    asked: client.asked,
    digest: session.digest,
    state: session.progress.state(),
    vendorTotal: session.progress.tally().vendorTotal,
    result: session.progress.result(session.progress.status()),
    session,
  };
}
