import { isWord } from '../../../schemas/safe-text.ts';
import type { WordCounts } from '../../lake/stream-state.ts';
import { keyedHash } from './hashes.ts';

/** A word that the vendor does not document is earned once so many records have shown it. */
const ENOUGH = 5;
/** Most words of a column that are known or counted. A column with more is not a list of words. */
const MOST_WORDS = 200;

/** Words of one column that the vendor does not document. */
export interface Words {
  /** True if enough records have shown the word, this one included. @param key of the record */
  isEarned(text: string, key: string): boolean;
  counts(): WordCounts;
}

/** Called when words are seen. */
export interface WordEvents {
  /** A record shows a word that is not earned yet. */
  readonly onPending: (key: string) => void;
  /** A word was earned. @param keys records of this run that showed it before @param isAll no earlier run has seen further ones */
  readonly onEarned: (keys: readonly string[], isAll: boolean) => void;
}

/**
 * Learns the words of one column. Until a word is earned, it may be a name or a diagnosis, so only its keyed hash is kept, and the hashes
 * of the records that showed it.
 */
export function newWords(before: WordCounts | undefined, hashKey: string, { onPending, onEarned }: WordEvents): Words {
  const earned = new Set(before?.earned);
  const pending = new Map(Object.entries(before?.pending ?? {}).map(([word, records]) => [word, new Set(records)]));
  const ofThisRun = new Map<string, Set<string>>();
  const hash = (text: string, digits: number) => keyedHash('key', text, hashKey).slice(0, digits);
  return {
    isEarned(text, key) {
      if (earned.has(text)) return true;
      if (!isWord(text)) return false;
      const word = hash(text, 16);
      const records = pending.get(word) ?? new Set<string>();
      if (records.size === 0 && earned.size + pending.size >= MOST_WORDS) return false;
      const keys = ofThisRun.get(word) ?? new Set<string>();
      records.add(hash(key, 8));
      pending.set(word, records);
      if (records.size < ENOUGH) {
        ofThisRun.set(word, keys.add(key));
        onPending(key);
        return false;
      }
      pending.delete(word);
      earned.add(text);
      keys.delete(key);
      onEarned([...keys], keys.size === ENOUGH - 1);
      return true;
    },
    counts: () => ({
      earned: [...earned].sort(),
      pending: Object.fromEntries([...pending].map(([word, records]) => [word, [...records]])),
    }),
  };
}
