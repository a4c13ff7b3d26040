/** A small seeded source of randomness; the same label and seed always give the same sequence. */
export interface Random {
  /** A number in [0, 1). */
  next(): number;
  /** An integer from `low` to `high`, both included. */
  int(low: number, high: number): number;
  chance(share: number): boolean;
  pick<T>(choices: readonly [T, ...T[]]): T;
  hex(length: number): string;
  uuid(): string;
}

/** Makes a random source from a seed and a label, so that one consumer's draws never shift another's. */
export function createRandom(seed: number, label: string): Random {
  let state = hashText(`${seed}/${label}`);
  const next = (): number => {
    // mulberry32: 32 bits of state are plenty for test data.
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
  const hex = (length: number): string => {
    let digits = '';
    while (digits.length < length) {
      digits += Math.floor(next() * 0x1000000)
        .toString(16)
        .padStart(6, '0');
    }
    return digits.slice(0, length);
  };
  return {
    next,
    hex,
    int: (low, high) => low + Math.floor(next() * (high - low + 1)),
    chance: (share) => next() < share,
    pick: <T>(choices: readonly [T, ...T[]]): T => choices[Math.floor(next() * choices.length)] as T,
    uuid: () => `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`,
  };
}

/** FNV-1a with a final mix: near labels (`solum/1`, `solum/2`) must not give near sequences. */
export function hashText(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
