import { type Json, toJsonText } from './json-text.ts';
import type { CanaryPlace, Ledger, LedgerEntry, LedgerVersion, SimStream, WorldEvent } from './ledger-types.ts';
import type { Vendor } from './vendor.ts';

/** A version while it may still change: its text is rendered when first needed and then fixed. */
interface OpenVersion extends LedgerVersion {
  from: number;
  to: number | null;
  firstServedAt: number | null;
  lastServedAt: number | null;
  /** The text as it goes over the wire. */
  readonly bytes: Buffer;
}

interface OpenEntry extends LedgerEntry {
  readonly servedIn: Set<string>;
  readonly versions: OpenVersion[];
  removedAt: number | null;
  removedBy: 'vendor' | 'user' | null;
}

/** The ledger as the world writes it. */
export interface LedgerBook extends Ledger {
  readonly events: WorldEvent[];
  readonly canaries: CanaryPlace[];
  /** Until the world is live nobody can have read anything: a change then replaces the version. */
  live: boolean;
  add(entry: OpenEntry): void;
}

/** A record of the world: what it serves now, and its line in the ledger. */
export interface SimRecord {
  readonly entry: OpenEntry;
  readonly render: () => Json;
  readonly book: LedgerBook;
}

/** Names a record in the ledger. */
interface RecordName extends Pick<LedgerEntry, 'vendor' | 'stream' | 'id' | 'direction'> {
  readonly parents?: readonly string[];
}

/** Makes an empty ledger. */
export function createLedger(): LedgerBook {
  const streams = new Map<string, Map<string, LedgerEntry>>();
  const open = (vendor: Vendor, stream: SimStream): Map<string, LedgerEntry> => {
    const name = `${vendor}.${stream}`;
    const found = streams.get(name) ?? new Map<string, LedgerEntry>();
    streams.set(name, found);
    return found;
  };
  return {
    entries: open,
    events: [],
    canaries: [],
    live: false,
    add: (entry) => open(entry.vendor, entry.stream).set(entry.id, entry),
  };
}

/** Enters a new record with its first version. */
export function enterRecord(book: LedgerBook, name: RecordName, at: number, render: () => Json): SimRecord {
  const { vendor, stream, id, direction, parents = [] } = name;
  const state = { versions: [], servedIn: new Set<string>(), removedAt: null, removedBy: null };
  const entry: OpenEntry = { vendor, stream, id, direction, parents, ...state };
  book.add(entry);
  const record = { entry, render, book };
  entry.versions.push(openVersion(record, at));
  return record;
}

function openVersion(record: SimRecord, from: number): OpenVersion {
  let fixed: string | Buffer | undefined;
  return {
    from,
    to: null,
    firstServedAt: null,
    lastServedAt: null,
    get text() {
      fixed ??= toJsonText(record.render());
      return fixed.toString();
    },
    get bytes() {
      // Only one of the two is kept: large worlds hold tens of thousands of versions.
      fixed = Buffer.isBuffer(fixed) ? fixed : Buffer.from(this.text);
      return fixed;
    },
  };
}

/** Changes a record: the version before is kept as it was, the one after begins at `at`. */
export function reviseRecord(record: SimRecord, at: number, change: () => void): void {
  const { entry, book } = record;
  const current = entry.versions.at(-1);
  if (entry.removedAt !== null) {
    // Nobody sees it; if it is shown again, it is shown as it then is.
    change();
    return;
  }
  if (current !== undefined && !book.live) {
    current.from = at;
    change();
    return;
  }
  if (current !== undefined) {
    void current.text;
    current.to = at;
  }
  change();
  entry.versions.push(openVersion(record, at));
}

/** Takes a record out of reach. */
export function hideRecord(record: SimRecord, at: number, by: 'vendor' | 'user'): void {
  const { entry } = record;
  if (entry.removedAt !== null) return;
  const current = entry.versions.at(-1);
  entry.removedAt = at;
  entry.removedBy = by;
  if (!record.book.live) entry.versions.length = 0;
  if (current === undefined || !record.book.live) return;
  void current.text;
  current.to = at;
}

/** Shows a removed record again. */
export function showRecord(record: SimRecord, at: number): void {
  record.entry.removedAt = null;
  record.entry.removedBy = null;
  record.entry.versions.push(openVersion(record, at));
}

/** The text of the version served now. */
export function currentText(record: SimRecord): string {
  return record.entry.versions.at(-1)?.text ?? 'null';
}

/** The version served now as bytes, made once: what long lists are served from. */
export function currentBytes(record: SimRecord): Buffer {
  return record.entry.versions.at(-1)?.bytes ?? Buffer.from('null');
}

/** Notes that a record was delivered, and by which list. */
export function markServed(record: SimRecord, at: number, list: string): void {
  const current = record.entry.versions.at(-1);
  if (current === undefined) return;
  current.firstServedAt ??= at;
  current.lastServedAt = at;
  record.entry.servedIn.add(list);
}
