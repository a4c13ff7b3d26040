import { StorageError } from '../../functions/errors.ts';
import { type ExtractRequest, extractAccount } from '../../functions/extract/extract-account.ts';
import { confirmRemovals } from '../../functions/lake/removal-confirmation.ts';
import type { Ports, Store } from '../../functions/ports.ts';
import { type Settings, type SettingsInput, parseSettings as settingsOf } from '../../functions/settings.ts';
import type { Source, Stream } from '../../functions/source/source.ts';
import kalem from '../../functions/sources/kalem.ts';
import kismet from '../../functions/sources/kismet.ts';
import solum from '../../functions/sources/solum.ts';
import zudu from '../../functions/sources/zudu.ts';
import { layoutOf } from '../../schemas/layout.ts';

import nook from './vendors/nook-source.ts';

// The only file of the simulation that knows the layout of the product.

export type { ExtractResult } from '../../functions/results.ts';
export type { Ports, SettingsInput, Store };
export type Tuning = NonNullable<ExtractRequest['tuning']>;

export const SOURCES = { kalem, kismet, nook, solum, zudu } as const;
export type SourceName = keyof typeof SOURCES;

/** Input of one run of the product. */
export interface ProductRun {
  readonly source: SourceName;
  readonly at: Date;
  readonly pageSize: number;
  /** Records per page of a full scan. @default `pageSize` */
  readonly largestPage?: number | undefined;
  readonly settings: Settings;
  readonly tuning: Tuning;
  readonly streams?: readonly string[] | undefined;
  readonly window?: { readonly from: Date; readonly to: Date } | undefined;
}

/** One run of the product. */
export function runProduct({ source, pageSize, largestPage = pageSize, ...request }: ProductRun, ports: Ports) {
  return extractAccount(
    withPages(source, pageSize, largestPage),
    { account: 'default', isScheduled: true, ...request },
    ports,
  );
}

/** Confirms that so many calls, held by the scan of that time, are gone. @param now the clock, ms */
export async function confirmHeld(
  objects: Map<string, Uint8Array>,
  source: string,
  { scan, count, now }: { readonly scan: number; readonly count: number; readonly now: number },
): Promise<void> {
  const id = { source, account: 'default', stream: 'calls' };
  const store: Store = { ...NO_STORE, put: async (key, body) => Boolean(objects.set(key, body)) };
  await confirmRemovals(store, id, { scan, count, clock: scan, groups: [] }, now);
}

const NO_STORE: Store = {
  name: 'lake',
  get: async () => undefined,
  put: async () => false,
  delete: async () => {},
  async *list() {},
};

const paged = new Map<string, Source>();

/** The source with small pages. */
function withPages(name: SourceName, pageSize: number, largestPage: number): Source {
  const id = `${name} ${pageSize} ${largestPage}`;
  const known = paged.get(id);
  if (known) return known;
  const source: Source = SOURCES[name];
  const streams = Object.entries(source.streams).map(([stream, declared]): [string, Stream] => [
    stream,
    declared.pageSize === 0 ? declared : { ...declared, pageSize, largestPage },
  ]);
  const made = { ...source, streams: Object.fromEntries(streams) };
  paged.set(id, made);
  return made;
}

/** Settings of one source, without any wait for the rate limit. */
export function parseSettings(source: SourceName, input: Record<string, unknown>): Settings {
  const { onVendorRemoval, ...own } = input;
  const sources = { [source]: { maxRps: 1000, baseUrl: 'https://vendor.test', ...own } };
  return settingsOf({ sources, ...(onVendorRemoval === undefined ? {} : { onVendorRemoval }) }, 'the scenario');
}

/** The parts of a table's declaration that the oracle needs. */
export interface TableFacts {
  readonly names: readonly string[];
  readonly key: readonly string[];
  /** Places of the columns that `callhouse` holds. */
  readonly safe: readonly number[];
}

const facts = new Map<string, TableFacts>();

/** Columns of a staged file of the table. */
export function factsOf(table: string): TableFacts | undefined {
  if (facts.size === 0) {
    const tables = Object.values(SOURCES).flatMap((source: Source) =>
      Object.values(source.streams).flatMap((stream) => stream.tables),
    );
    for (const declared of tables) {
      const layout = layoutOf(declared);
      facts.set(declared.name, {
        names: layout.map(({ name }) => name),
        key: declared.key,
        safe: layout.flatMap(({ placement }, n) => (placement === 'safe' || placement === 'both' ? [n] : [])),
      });
    }
  }
  return facts.get(table);
}

/** The failure that a store reports. */
export function storeFailure(): Error {
  return new StorageError('the store did not answer; expected it to be there');
}
