import { diffPage, flattenPage } from '../../functions/extract/extract-stream.ts';
import { pagesOf } from '../../functions/extract/pages/pages.ts';
import type { PlannedRead } from '../../functions/extract/plan/plan.ts';
import type { Read } from '../../functions/extract/reads/read.ts';
import type { StreamSession } from '../../functions/extract/session/session.ts';
import type { DigestEntry, PartitionCursor } from '../../functions/lake/digest/digest-entry.ts';
import { WALKED } from '../../functions/lake/digest/scan-notes.ts';
import type { ScanPosition, ScanProgress } from '../../functions/lake/scan-progress.ts';
import type { ResumePoint, StreamState } from '../../functions/lake/stream-state.ts';
import { UNIT_AT, type UnitOptions, unitSession } from './session.ts';

interface CarryOutOptions extends UnitOptions {
  /** Entries of the digest before the read. */
  readonly known?: Readonly<Record<string, DigestEntry>>;
  readonly cursors?: Readonly<Record<string, PartitionCursor>>;
  readonly state?: Partial<StreamState>;
  /** Keys that an earlier run has shown in the list where the full scan was cut. */
  readonly walked?: readonly string[];
}

/** A full scan that an earlier run began a moment before. */
export const cutScan = (change: Partial<ScanProgress> = {}): ScanProgress => ({
  ...{ startedAt: UNIT_AT, startedClock: UNIT_AT, ranAt: UNIT_AT, tookMs: 0, share: 0 },
  ...{ done: {}, failed: [], falls: {}, unsorted: [], leastSurplus: {} },
  ...change,
});

/** Carries out one planned read as `extract-stream.ts` does, without staging. */
export async function carryOut(
  strategy: (session: StreamSession, plan: PlannedRead) => Read,
  plan: PlannedRead,
  { known = {}, cursors = {}, state = {}, walked = [], ...options }: CarryOutOptions = {},
) {
  const resumes: (ResumePoint | undefined)[] = [];
  const positions: (ScanPosition | undefined)[] = [];
  const note = ({ resume, scan }: StreamState) => {
    resumes.push(resume);
    positions.push(scan?.position);
  };
  const answer = options.answer ?? (() => ({ records: [] }));
  const { session, client } = await unitSession({
    ...options,
    answer: (request) => {
      note(session.progress.state());
      return answer(request);
    },
  });
  for (const [key, entry] of Object.entries(known)) session.digest.set(key, entry);
  for (const [partition, cursor] of Object.entries(cursors)) session.digest.setCursor(partition, cursor);
  session.progress.updateState(state);
  if (state.scan) await session.digest.scan.begin();
  for (const key of walked) session.digest.scan.show(key, WALKED);
  const read = strategy(session, plan);
  await read.begin();
  const windows: (string | undefined)[] = [];
  for await (const page of pagesOf(session, read)) {
    const changes = await diffPage(session, page, await flattenPage(session, read, page));
    windows.push(page.scan.request().window?.from.toISOString());
    read.advance(page, changes);
    note(session.progress.state());
  }
  await read.conclude();
  return {
    read,
    resumes,
    positions,
    windows,
    asked: client.asked,
    digest: session.digest,
    state: session.progress.state(),
    vendorTotal: session.progress.tally().vendorTotal,
    result: session.progress.result(session.progress.status()),
    session,
  };
}
