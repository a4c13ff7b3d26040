import { readFile } from 'node:fs/promises';
import { gunzipSync } from 'node:zlib';
import { type MemoryStore, memoryStore } from '../../local/lake/memory-store.ts';
import { type KalemCall, type KismetRecords, kalemServer, kismetServer } from './recorded-vendors.ts';
import { type SolumCall, solumServer } from './solum-server.ts';
import { type ZuduCall, zuduAnswer, zuduServer } from './zudu-server.ts';

/** The records that each vendor shows to each account of the lake. */
export interface EarlierVendors {
  readonly solum: Readonly<Record<'default' | 'candidate' | 'history' | 'cut' | 'head', SolumCall[]>>;
  readonly zudu: Readonly<Record<'default' | 'purge' | 'purged_to' | 'post', ZuduCall[]>>;
  readonly kalem: Readonly<Record<'default' | 'both', KalemCall[]>>;
  readonly kismet: { readonly default: KismetRecords };
}

/** Accounts of the lake, by source. */
export const EARLIER_ACCOUNTS = {
  solum: ['default', 'candidate', 'history', 'cut', 'head'],
  zudu: ['default', 'purge', 'purged_to', 'post'],
  kalem: ['default', 'both'],
  kismet: ['default'],
} as const;

async function readFixture<T>(name: string): Promise<T> {
  const body = await readFile(new URL(`../fixtures/lake-v1/${name}.json.gz`, import.meta.url));
  return JSON.parse(gunzipSync(body).toString('utf8')) as T;
}

/** A copy of the lake, whose last run was scheduled for no later than 2026-11-04T10:00Z. */
export async function earlierLake(): Promise<MemoryStore> {
  const store = memoryStore();
  for (const [key, body] of Object.entries(await readFixture<Record<string, string>>('lake')))
    store.objects.set(key, Buffer.from(body, 'base64'));
  return store;
}

/** Records as the vendors show them, which a test may change. */
export const earlierVendors = () => readFixture<EarlierVendors>('vendors');

/** A row's columns that are not null, by schema. */
type EarlierRows = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

/** The safe and the sensitive rows of every table, as the earlier version loaded the lake. */
export const earlierWarehouse = () =>
  readFixture<Readonly<Record<string, Record<'safe' | 'phi', EarlierRows>>>>('warehouse');

/** A server that serves the records of one account. */
export async function earlierServer(vendors: EarlierVendors, source: string, account: string) {
  const of = <T>(lists: Readonly<Record<string, T>>): T => {
    const list = lists[account];
    if (list === undefined) throw new Error(`no account ${account}`);
    return list;
  };
  if (source === 'solum') return solumServer(of<SolumCall[]>(vendors.solum));
  if (source === 'kalem') return kalemServer(of<KalemCall[]>(vendors.kalem));
  if (source === 'kismet') return kismetServer(of<KismetRecords>(vendors.kismet));
  const calls = of<ZuduCall[]>(vendors.zudu);
  const isPost = account === 'post';
  return zuduServer(calls, (data, { method }) =>
    isPost && method === 'GET' ? zuduAnswer({ ...data, calls: calls.slice(0, 2) }) : undefined,
  );
}
