import { plantCanaries } from './canaries.ts';
import { createDrift, type VendorWorlds } from './drift.ts';
import { createFaultDraw, type FaultDraw } from './faults.ts';
import { type ServerSettings, serveVendor } from './http-server.ts';
import { createKalemApi, KALEM_API_TOKEN } from './kalem-server.ts';
import { createKalemWorld } from './kalem-world.ts';
import { createKismetApi, KISMET_CLIENT_ID, KISMET_CLIENT_SECRET } from './kismet-server.ts';
import { createKismetWorld } from './kismet-world.ts';
import type { LoopbackServer } from './listen-on-loopback.ts';
import { planMilestones } from './milestones.ts';
import type { GivenOptions, SimRequest, Simulators } from './simulator-types.ts';
import { createSolumApi, SOLUM_API_KEY } from './solum-server.ts';
import { createSolumWorld } from './solum-world.ts';
import type { Vendor } from './vendor.ts';
import type { VendorApi } from './vendor-api.ts';
import { advanceWorld, createWorld, type World } from './world.ts';
import { createZuduApi, ZUDU_API_KEY, ZUDU_API_SECRET } from './zudu-server.ts';
import { createZuduWorld } from './zudu-world.ts';

export type { CanaryPlace, Ledger, LedgerEntry, LedgerVersion, SimStream, WorldEvent } from './ledger-types.ts';
export type {
  FaultKind,
  FaultOptions,
  GivenOptions,
  RequestKind,
  SimRequest,
  SimulatorOptions,
  Simulators,
} from './simulator-types.ts';
export type { Vendor } from './vendor.ts';

const VENDORS: readonly Vendor[] = ['kismet', 'solum', 'zudu', 'kalem'];

/** Starts the four vendors on 127.0.0.1. The returned object moves their clock, and its ledger is the truth about their world. */
export async function startSimulators(options: GivenOptions = {}): Promise<Simulators> {
  const world = createWorld(options);
  const worlds = createVendorWorlds(world);
  const drift = createDrift(worlds);
  const apis: Record<Vendor, VendorApi> = {
    kismet: createKismetApi(worlds.kismet, drift.turnKismet),
    solum: createSolumApi(worlds.solum, drift.turnSolum),
    zudu: createZuduApi(worlds.zudu, drift.turnZudu),
    kalem: createKalemApi(worlds.kalem, drift.turnKalem),
  };
  const log: SimRequest[] = [];
  const faults = createFaultDraw();
  const { port = 0, rateLimit } = options;
  const settings = VENDORS.map((vendor, place): ServerSettings => {
    return { vendor, api: apis[vendor], world, faults, port: port === 0 ? 0 : port + place, rateLimit, log };
  });
  const servers = await serveAll(settings);
  const urls = Object.fromEntries(servers.map(({ url }, place) => [VENDORS[place], url]));
  const close = async (): Promise<void> => {
    await Promise.all(servers.map((server) => server.close()));
  };
  return {
    ...describe(world, log, faults),
    urls: urls as Record<Vendor, string>,
    env: describeEnv(urls),
    close,
    setDrift: (rate, seed = 1, removals = 0, spreadMs = 0) => drift.set({ rate, seed, removals, spreadMs }),
  };
}

function createVendorWorlds(world: World): VendorWorlds {
  const worlds = {
    kismet: createKismetWorld(world),
    solum: createSolumWorld(world),
    zudu: createZuduWorld(world),
    kalem: createKalemWorld(world),
  };
  planMilestones(world, worlds);
  advanceWorld(world, world.startMs);
  world.book.canaries.push(...plantCanaries(worlds, world.options.canaries));
  world.book.live = true;
  return worlds;
}

/** Opens every server, or none: a port that is taken must not leave the others open. */
async function serveAll(settings: readonly ServerSettings[]): Promise<readonly LoopbackServer[]> {
  const opened = await Promise.allSettled(settings.map(serveVendor));
  const servers = opened.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = opened.find((result) => result.status === 'rejected');
  if (failure === undefined) return servers;
  await Promise.all(servers.map((server) => server.close()));
  throw failure.reason;
}

function describe(
  world: World,
  log: SimRequest[],
  faults: FaultDraw,
): Pick<Simulators, 'now' | 'advance' | 'requests' | 'resetRequests' | 'setFaults' | 'ledger'> {
  return {
    now: () => new Date(world.nowMs),
    advance: (ms) => advanceWorld(world, world.nowMs + ms),
    requests: log,
    resetRequests: () => {
      log.length = 0;
    },
    setFaults: faults.set,
    ledger: world.book,
  };
}

function describeEnv(urls: Readonly<Record<string, string>>): Record<string, string> {
  return {
    KISMET_BASE_URL: urls['kismet'] ?? '',
    KISMET_CLIENT_ID,
    KISMET_CLIENT_SECRET,
    SOLUM_BASE_URL: urls['solum'] ?? '',
    SOLUM_API_KEY,
    ZUDU_BASE_URL: urls['zudu'] ?? '',
    ZUDU_API_KEY,
    ZUDU_API_SECRET,
    KALEM_BASE_URL: urls['kalem'] ?? '',
    KALEM_API_TOKEN,
  };
}
