import type { Ports } from '../ports.ts';
import { emptyCommit } from './commit.ts';
import { openCommitLog } from './commit-log.ts';
import { foldersIn } from './folders-in.ts';
import { newLoadId, type StreamId } from './objects.ts';

/**
 * Keeps every earlier run of an account from committing, by a commit that loads nothing at the end of each of its logs. A run whose lease
 * was taken over may still be alive, for example on a computer that slept: it would commit what it read before.
 * @throws AlreadyRunningError if another run commits at this moment
 */
export async function fenceLogs(source: string, account: string, ports: FencePorts): Promise<void> {
  for (const stream of await foldersIn(ports.store, `commits/${source}/${account}/`))
    await fenceLog({ source, account, stream }, ports);
}

/** Where commits are appended. */
export type FencePorts = Pick<Ports, 'store' | 'now' | 'random'>;

/**
 * Keeps every earlier run of a stream from committing. Does nothing if the stream has no commit.
 * @throws AlreadyRunningError if another run commits at this moment
 */
export async function fenceLog(id: StreamId, { store, now, random }: FencePorts): Promise<void> {
  const log = await openCommitLog(store, id);
  const last = log.last();
  if (last) await log.append(emptyCommit(last, { loadId: newLoadId(id, now(), random), runId: 'fence', now: now() }));
}
