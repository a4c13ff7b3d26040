import { since } from '../plan/plan.ts';
import type { StreamSession } from './session.ts';

/**
 * Continues a full scan that an earlier run began: loads which keys it has shown so far. If they cannot be read, the scan begins again,
 * because a key that it has forgotten would look removed.
 */
export async function continueScan({ progress, digest, ports, at, warnOnce }: StreamSession): Promise<void> {
  const { scan } = progress.state();
  if (!scan) return;
  const isOfOtherTime = since(scan.startedAt, at) === Number.POSITIVE_INFINITY;
  const stored = scan.notes === undefined || isOfOtherTime ? undefined : await ports.store.get(scan.notes);
  if (stored && (await digest.scan.restore(await expanded(ports, stored)))) return;
  warnOnce('what a full scan has shown so far cannot be used; the scan begins again');
  digest.scan.end();
  progress.updateState({ scan: undefined });
}

/** The expanded bytes; empty if they are damaged. */
async function expanded({ codec }: StreamSession['ports'], body: Uint8Array): Promise<Buffer> {
  const pieces: Buffer[] = [];
  try {
    for await (const piece of codec.expandInPieces(body)) pieces.push(piece);
  } catch {
    return Buffer.alloc(0);
  }
  return Buffer.concat(pieces);
}
