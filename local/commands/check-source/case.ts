import type { Stream } from '../../../functions/source/source.ts';
import type { World } from './world.ts';

/** What a case found wrong. It names columns, counts and kinds, never a value. */
export interface Finding {
  readonly what: string;
  readonly seen: string;
  readonly expected: string;
  readonly remedy: string;
}

/** How one case came out. */
export type Outcome = 'ok' | Finding | { readonly notApplicable: string };

/** One situation that every source must survive. */
export interface Case {
  /** Unique and stable. */
  readonly name: string;
  /** Why the case says nothing about this stream; undefined if it does. */
  readonly whyNot?: (stream: Stream) => string | undefined;
  /** Plays the case. Each call of `open` starts a new vendor and an empty lake. @returns what is wrong */
  readonly play: (open: () => Promise<World>) => Promise<Finding | undefined>;
}

/** True if pages are requested with a token that the vendor gives out. */
export function hasTokens({ answer }: Stream): boolean {
  const next = answer?.next;
  return next !== undefined && (typeof next !== 'object' || Array.isArray(next) || 'link' in next);
}

/** Why a stream has no second page to play with. */
export function whyUnpaged({ pageSize }: Stream): string | undefined {
  return pageSize === 0 ? 'pageSize is 0: one answer is the complete list' : undefined;
}
