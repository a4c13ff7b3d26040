import * as z from 'zod';
import { readCommitsAfter } from '../lake/commit-log.ts';
import { parseStored, STAGING_KEY, type StreamId, storedJson, streamName } from '../lake/objects.ts';
import { DAY_MS } from '../time.ts';
import { loadedByAll } from './loaded-by-all.ts';
import { type MaintainPlan, type MaintainPorts, orReport, type ReportError } from './plan.ts';

/** No further commit is read with less time left. */
const LAST_COMMIT_MS = 120_000;

/** What maintenance noted about one stream. */
const streamSchema = z.object({
  /** Number up to which the staged files were deleted. */
  deletedTo: z.number(),
  /** When (ms) every warehouse was first seen to have loaded up to which number, oldest first. */
  loaded: z.array(z.tuple([z.number(), z.number()])),
});
type StreamNotes = z.infer<typeof streamSchema>;
const notesSchema = z.object({
  version: z.literal(1),
  warehouses: z.record(z.string(), z.object({ print: z.string(), since: z.number() })),
  streams: z.record(z.string(), streamSchema),
});
type Notes = z.infer<typeof notesSchema>;

/**
 * Deletes staged files `stagingDays` after every warehouse with progress in the lake has loaded them. A file that some warehouse has not
 * loaded is kept, however old it is. When a file was loaded is only known from the nights on which maintenance looked. A stream whose
 * commits cannot be read leaves the others.
 * @returns the number of files deleted
 */
export async function deleteStaged(
  { stagingDays }: MaintainPlan,
  at: Date,
  ports: Pick<MaintainPorts, 'store' | 'engine' | 'log' | 'remainingMs'>,
  report: ReportError,
): Promise<number> {
  const { store, engine, log } = ports;
  const now = at.getTime();
  const before = await store.get(STAGING_KEY);
  const notes = notesIn(before);
  const { streams, warehouses } = await loadedByAll(store, await engine.identity(), notes.warehouses, now);
  const next: Notes = { version: 1, warehouses, streams: { ...notes.streams } };
  let files = 0;
  for (const { id, n } of streams) {
    const name = streamName(id);
    const known = noteLoaded(notes.streams[name] ?? { deletedTo: 0, loaded: [] }, n, now);
    const upTo = known.loaded.findLast(([since]) => now - since >= stagingDays * DAY_MS)?.[1] ?? 0;
    await orReport(report, async () => {
      const deleted = await deleteUpTo(id, known.deletedTo, upTo, ports);
      files += deleted.files;
      const loaded = known.loaded.filter(([, number]) => number > deleted.deletedTo);
      next.streams[name] = { deletedTo: deleted.deletedTo, loaded };
    });
  }
  // If a replay has deleted the notes meanwhile, files that it made again are still to be deleted.
  await store.put(STAGING_KEY, storedJson(next), { replace: before ?? false });
  log('info', 'deleted staged files that every warehouse has loaded', { files });
  return files;
}

/** Notes that every warehouse has loaded up to number `n`. If it is less than before, a warehouse is new, or begins again. */
function noteLoaded({ deletedTo, loaded }: StreamNotes, n: number, now: number): StreamNotes {
  const still = loaded.filter(([, number]) => number <= n);
  const isNew = n > (still.at(-1)?.[1] ?? deletedTo);
  return { deletedTo, loaded: isNew ? [...still, [now, n]] : still };
}

/** Deletes the staged files of the commits after `from`, up to `to`, while time is left. */
async function deleteUpTo(
  id: StreamId,
  from: number,
  to: number,
  { store, remainingMs }: Pick<MaintainPorts, 'store' | 'remainingMs'>,
) {
  let files = 0;
  let deletedTo = from;
  if (to <= from) return { files, deletedTo };
  for await (const { n, staged } of readCommitsAfter(store, id, from)) {
    if (n > to || remainingMs() < LAST_COMMIT_MS) break;
    for (const { key } of staged) await store.delete(key);
    files += staged.length;
    deletedTo = n;
  }
  return { files, deletedTo };
}

/** If the notes are damaged, each file is kept for another `stagingDays`. */
function notesIn(body: Uint8Array | undefined): Notes {
  return notesSchema.safeParse(body && parseStored(body)).data ?? { version: 1, warehouses: {}, streams: {} };
}
