import type { Ledger } from './ledger-types.ts';
import type { Vendor } from './vendor.ts';

/** What can go wrong with an answer. `slow` happens only where it is asked for by name. */
export type FaultKind =
  | 'status500'
  | 'status502'
  | 'status503'
  | 'status429'
  | 'reset'
  | 'cut'
  | 'html200'
  | 'empty200'
  | 'zuduError200'
  | 'slow';

/** How often requests fail, and how. */
export interface FaultOptions {
  /** Share of requests that fail, 0 to 1. */
  readonly rate: number;
  /** @default every kind but `slow` */
  readonly kinds?: readonly FaultKind[];
  /** @default 1 */
  readonly seed?: number;
}

/** What a request asked for. A `write` is one that would create, change or delete something at the vendor. */
export type RequestKind = 'list' | 'users' | 'audit' | 'metrics' | 'details' | 'write' | 'unauthorized' | 'unknown';

/** One request that reached a simulator. */
export interface SimRequest {
  readonly vendor: Vendor;
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  /** Body as sent; empty for GET. */
  readonly body: string;
  /** Status answered; 0 where the socket was closed before an answer. */
  readonly status: number;
  /** Real time in ms. */
  readonly at: number;
  readonly kind: RequestKind;
  /** The fault that struck, if one did. */
  readonly fault?: FaultKind;
}

/** What the simulated world is like. Every option has a default; the same options give the same bytes. */
export interface SimulatorOptions {
  /** @default 1 */
  readonly seed?: number;
  /** Where the world's clock starts. @default '2026-11-01T09:00:00.000Z' */
  readonly now?: string;
  /** Days of history before `now`. @default 30 */
  readonly days?: number;
  /** Calls in that history per vendor; later calls arrive at the same daily rate. @default 200 */
  readonly callsPerVendor?: number;
  /** Kismet organization users. @default 5 */
  readonly users?: number;
  /** Base port, four in a row in the order kismet, solum, zudu, kalem; 0 takes free ones. @default 0 */
  readonly port?: number;
  /** `mixed` holds some of 50 kB; `nested` gives about 3 kB of JSON per Zudu call. @default 'mixed' */
  readonly transcripts?: 'short' | 'mixed' | 'nested';
  /** Texts planted into sensitive fields only; `ledger.canaries` says where. @default [] */
  readonly canaries?: readonly string[];
  /** Order of Kismet's calls list; `id` is ascending and not the order of creation. @default 'newest' */
  readonly kismetOrder?: 'newest' | 'oldest' | 'id';
  /** @default 'newest' */
  readonly solumOrder?: 'newest' | 'oldest';
  /** @default 'newest' */
  readonly kalemOrder?: 'newest' | 'oldest';
  /** `ignores-page`: GET always answers page 0, the documented list by POST works. @default 'pages' */
  readonly zuduGet?: 'pages' | 'ignores-page';
  /** Where Zudu sorts calls without a start: by creation among the others, or before or after all. @default 'created' */
  readonly zuduNulls?: 'created' | 'first' | 'last';
  /** Whether Zudu's POST list knows (and echoes) the filter `start_timestamp`. @default true */
  readonly zuduDateFilter?: boolean;
  /** Envelope of Kalem's list: resource, paginator, older form, `links` only, or `data` only. @default 'meta' */
  readonly kalemShape?: 'meta' | 'plain' | 'pagination' | 'links' | 'bare';
  /** Kismet lowers a larger `per_page` to this without a word. @default 100 */
  readonly kismetMaxPerPage?: number;
  /** Kismet calls listed under two users, of those in the history. @default 0 */
  readonly sharedCalls?: number;
  /** Share of inbound calls whose caller called lately, at any vendor. @default 0: each number calls once */
  readonly repeatCallers?: number;
  /** Requests per second and vendor beyond which 429 is answered. @default none */
  readonly rateLimit?: number;
}

/** Options that a caller may leave undefined; each undefined option has its default. */
export type GivenOptions = { readonly [Name in keyof SimulatorOptions]: SimulatorOptions[Name] | undefined };

/** The four running simulators. */
export interface Simulators {
  readonly urls: Readonly<Record<Vendor, string>>;
  /** The environment the product needs to reach them: base URLs and credentials. */
  readonly env: Readonly<Record<string, string>>;
  now(): Date;
  /** Lets the world live on: calls arrive and end, records are edited, removed and shown again. */
  advance(ms: number): void;
  readonly requests: readonly SimRequest[];
  resetRequests(): void;
  setFaults(faults: FaultOptions | undefined): void;
  /**
   * Before that share of page turns (any page but the first) a call arrives at the head of the list being read;
   * `removals` is the share of those moves that remove a call of that list instead (Kismet: never). With `spreadMs`, calls arrive late:
   * they began up to that long before, and stand further down.
   */
  setDrift(rate: number, seed?: number, removals?: number, spreadMs?: number): void;
  readonly ledger: Ledger;
  close(): Promise<void>;
}
