import type { SourceName, Tuning } from './product.ts';

/** How a vendor behaves; may change from step to step. Hours count from 2026-11-01T09:00Z. */
export interface Vendor {
  /** `ties`: newest first, and equal instants in another order at each request. */
  readonly order: 'newest' | 'oldest' | 'ties' | 'none';
  /** Gives a total. */
  readonly total: boolean;
  /** Added to every total. */
  readonly lie: number;
  /** Gives an end signal. */
  readonly end: boolean;
  /** Echoes the page. */
  readonly echo: boolean;
  /** Most records a page, whatever is asked for. */
  readonly most: number;
  /** Zudu: the list by POST. */
  readonly post: boolean;
  /** Zudu: GET moves. */
  readonly moves: boolean;
  readonly envelope: 'meta' | 'flat' | 'pagination' | 'links' | 'bare';
  /** The filters are honoured. */
  readonly filters: boolean;
  /** One answer takes so many ms. */
  readonly answerMs: number;
  /** Answers 404 if a page is requested beyond the last one. @default false */
  readonly refusesBeyond?: boolean;
}

/** Something that happens at the vendor. */
export type WorldStep =
  | {
      readonly do: 'add';
      readonly id: string;
      /** Started at; null: never connected. */
      readonly at: number | null;
      /** Direction, or the id of the user. */
      readonly list?: string;
      readonly people?: number;
      readonly optOut?: boolean;
      /** Zudu gives it an empty `call_id`, so its `id` is its key. */
      readonly blank?: boolean;
    }
  | { readonly do: 'edit'; readonly id: string; readonly people?: number }
  /** Its start is corrected, so that it is elsewhere in its list. */
  | { readonly do: 'move'; readonly id: string; readonly at: number }
  | { readonly do: 'remove' | 'restore' | 'optOut' | 'optIn'; readonly id: string }
  | {
      readonly do: 'audit';
      readonly id: string;
      readonly entry: number;
      readonly at: number | null;
      readonly fields: number;
    }
  | { readonly do: 'auditAt'; readonly id: string; readonly entry: number; readonly at: number | null }
  | { readonly do: 'user'; readonly id: string; readonly at: number }
  | { readonly do: 'removeUser' | 'restoreUser'; readonly id: string }
  /** Days, counted from the first; `value` shows in every figure. */
  | {
      readonly do: 'figures';
      readonly scope: string;
      readonly from: number;
      readonly to: number;
      readonly value: number;
    }
  | { readonly do: 'vendor'; readonly set: Partial<Vendor> };

/** What is wrong with an answer. */
export type FaultKind =
  | '429'
  | '500'
  | '503'
  | '404'
  | '405'
  | 'reset'
  | 'hang'
  | 'slow'
  | 'torn'
  | 'html'
  | 'error'
  | 'empty'
  | 'short'
  | 'repeat'
  | 'echo0'
  /** The answer says that the list ends with this page. */
  | 'ends';

/** Answers `n` to `n + times - 1` of a run, counted among those whose address holds `path`. */
export interface Fault {
  readonly what: FaultKind;
  readonly n: number;
  readonly times?: number;
  readonly path?: string;
}

/**
 * A process stops, as if the lid of its laptop were closed or its container frozen, while later steps happen, and goes on afterwards.
 * It stops at effect `n` on the store, at the `n`th one whose name begins with `path`, or at a request.
 */
export interface Suspension {
  /** @default 1 with `path` */
  readonly n?: number;
  readonly path?: string;
  readonly request?: number;
  /** Before or after that is done. It learns the outcome when it goes on, so an answer to its request may be an old one. */
  readonly when: 'before' | 'after';
  /** Goes on at this hour of the clock: before the first later run that begins then or later, or before the ending. */
  readonly until: number;
  /** Goes on at this request of that run instead, or at its end. */
  readonly beside?: number;
}

/** One run of the product. */
export interface RunStep {
  readonly do: 'run';
  /** Seed of its random choices; deleting a step does not change the other steps. */
  readonly id: number;
  readonly at: number;
  /** The clock shows this time instead. */
  readonly clock?: number;
  readonly faults?: readonly Fault[];
  /** What happens at the vendor before request `n` is answered. */
  readonly during?: readonly { readonly n: number; readonly step: WorldStep }[];
  /** The process dies before or after effect `n` on the store, or the first one whose name holds `path`. */
  readonly kill?: { readonly n?: number; readonly path?: string; readonly when: 'before' | 'after' };
  readonly suspend?: Suspension;
  /** Call `n` to the store fails, or its answer is lost. */
  readonly store?: readonly { readonly n?: number; readonly path?: string; readonly what: 'fail' | 'lost' }[];
  /** Interrupted at request `n`. */
  readonly interrupt?: number;
  readonly limitMs?: number;
  /** Runs on another host: nobody sees that it is dead. */
  readonly away?: boolean;
  /** Treats every other holder of a lease as dead, as two containers of one name do. */
  readonly blind?: boolean;
  readonly streams?: readonly string[];
  readonly window?: { readonly from: number; readonly to: number };
  /** Begins at request `n` of this one. */
  readonly beside?: readonly { readonly n: number; readonly run: RunStep }[];
}

/** Settings of the source, as a user writes them. */
export type Settings = Readonly<Record<string, unknown>>;

/** Somebody confirms what is held, so many days ago. */
export interface ConfirmStep {
  readonly do: 'confirm';
  readonly daysAgo: number;
}

export type Step =
  | WorldStep
  | RunStep
  | ConfirmStep
  /** Null takes a setting away: printed as JSON, a scenario must stay the same. */
  | { readonly do: 'settings'; readonly set: Settings };

/** One simulated history. While it runs, only the order of events is random, by the ids of its runs. */
export interface Scenario {
  readonly source: SourceName;
  readonly seed: number;
  /** Records asked for a page. */
  readonly pageSize: number;
  /** Records per page of a full scan. @default `pageSize` */
  readonly largestPage?: number;
  readonly vendor: Vendor;
  readonly settings: Settings;
  readonly tuning: Tuning;
  /** Kismet: the list of users is given instead of read. */
  readonly userIds?: string;
  readonly steps: readonly Step[];
  /** How it ends: either all troubles stop and every invariant must hold, or they never stop and only progress is required. */
  readonly end: Ending;
}

export type Ending =
  | { readonly kind: 'heal'; readonly audits?: boolean }
  | {
      readonly kind: 'endure';
      readonly limitMs: number;
      readonly everyHours: number;
      readonly runs: number;
      /** Runs within which every record, and every removal, must be seen. */
      readonly records: number;
      readonly removals?: number;
    }
  | { readonly kind: 'none' };

export const START_MS = Date.parse('2026-11-01T09:00:00Z');
export const HOUR_MS = 3_600_000;
export const DAY_MS = 24 * HOUR_MS;

/** Milliseconds of an hour of the scenario. */
export const hourMs = (hour: number) => START_MS + Math.round(hour * HOUR_MS);

/** The settings after a change. */
export function changeSettings(settings: Settings, set: Settings): Settings {
  return Object.fromEntries(Object.entries({ ...settings, ...set }).filter(([, value]) => value !== null));
}

/** The hour of the clock at which a run begins. */
export const clockHour = ({ at, clock }: RunStep) => clock ?? at;

export const VENDOR: Vendor = {
  order: 'newest',
  total: true,
  lie: 0,
  end: true,
  echo: true,
  most: 100,
  post: true,
  moves: true,
  envelope: 'meta',
  filters: true,
  answerMs: 20,
};
