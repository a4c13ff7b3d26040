import type { StreamId } from '../../lake/keys.ts';
import { randomHex } from '../../random-hex.ts';

/** `<source>-<stream>-<yyyymmddThhmmssZ>-<12 random hex digits>`. It identifies one attempt and contains no record data. */
export function newLoadId({ source, stream }: StreamId, at: number, random: () => number): string {
  const when = new Date(at).toISOString().replace(/[-:]|\.\d+/g, '');
  return `${source}-${stream}-${when}-${randomHex(12, random)}`;
}
