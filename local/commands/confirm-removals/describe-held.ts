import type { StreamId } from '../../../functions/lake/objects.ts';
import type { ExtractResult } from '../../../functions/results.ts';
import { count } from '../../console/count.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { nameOf } from '../run/describe-run.ts';
import { confirmLine } from './confirm-line.ts';

/** A stream, with the number of its removals that wait for a confirmation. */
export interface Held extends StreamId {
  readonly count: number;
  /** Scheduled time of the scan that proved them, ISO 8601. @default not said */
  readonly since?: string;
}

/** One line: how many removals are held, and the command that confirms them in the lake that these options name. */
export function describeHeld({ since, ...held }: Held, options: Options, shell: Pick<Shell, 'cwd'>): string {
  const { source, account, stream } = held;
  const when = since === undefined ? '' : ` since ${since.slice(0, 16).replace('T', ' ')}`;
  const name = nameOf(source, account, stream);
  return `${name}: ${count(held.count, 'removal')} held${when}; if the records are gone at the vendor, run: ${confirmLine(held, options, shell)}`;
}

/** The held removals that a run found, or found still unconfirmed. */
export function heldIn({ source, account, streams }: ExtractResult): readonly Held[] {
  return streams.flatMap(({ stream, heldRemovals = 0 }) =>
    heldRemovals > 0 ? [{ source, account, stream, count: heldRemovals }] : [],
  );
}
