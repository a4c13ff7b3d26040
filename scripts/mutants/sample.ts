import { createHash } from 'node:crypto';
import { byFile, type Mutant } from './mutant.ts';

/**
 * Chooses mutants spread over the files: each file gives its share, and a file with few mutants is as likely to give one as its
 * size says. The same seed and source give the same sample.
 * @param size how many; all of them if there are fewer
 */
export function sampleMutants(mutants: readonly Mutant[], size: number, seed: number): Mutant[] {
  const files = byFile(mutants, ({ file }) => file);
  const placed = [...files].flatMap(([file, own]) => {
    // Numbers of its own for each file, so that a change of one leaves the sample of the others as it was.
    const random = mulberry32(seed ^ createHash('sha256').update(file).digest().readInt32LE());
    // Even steps through the file's own order, shuffled; the shift lets small files take part by chance.
    const shift = random();
    return shuffle(own, random).map((mutant, index) => ({ mutant, place: (index + shift) / own.length }));
  });
  return placed
    .sort((a, b) => a.place - b.place)
    .slice(0, size)
    .map(({ mutant }) => mutant);
}

function shuffle<T>(values: readonly T[], random: () => number): T[] {
  return values
    .map((value) => ({ value, key: random() }))
    .sort((a, b) => a.key - b.key)
    .map(({ value }) => value);
}

/** A small generator of numbers from 0 to below 1. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
