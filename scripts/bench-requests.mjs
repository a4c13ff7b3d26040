// Counts a day's requests to Kismet, at 200,000 calls of a year and 500 providers, by running the built code over three simulated days,
// in which there is one full scan. The world is a hundredth as large, and what grows with calls or providers counts a hundred times.
// npm run bench -- requests
const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);
const [CALLS, PROVIDERS, SHARE, DAYS] = [200_000, 500, 100, 3];
const MINUTE_MS = 60_000;
const DAY_MINUTES = 24 * 60;
const PAGE = 100;
/** By minutes between two ticks: at most so many requests a day, and of them for audit logs. */
const BOUNDS = { 15: { total: 65_000, audit: 12_000 }, 60: { total: 28_000, audit: 12_000 } };

/** Counts both rates of ticks, and compares them with the bounds. */
export async function countRequests() {
  console.log(`requests a day, ${CALLS} Kismet calls of a year, ${PROVIDERS} providers`);
  for (const minutes of [15, 60]) {
    const counted = await countDays(minutes);
    const providers = PROVIDERS / SHARE;
    const day = {
      users: (counted.users / DAYS) * Math.ceil(PROVIDERS / PAGE),
      calls: (counted.list / DAYS) * SHARE,
      audit: (counted.audit / DAYS) * SHARE,
      metrics: ((counted.metrics / DAYS) * (PROVIDERS + 1)) / (providers + 1),
    };
    const total = Object.values(day).reduce((sum, count) => sum + count, 0);
    const parts = Object.entries(day).map(([kind, count]) => `${kind} ${Math.round(count)}`);
    const bound = BOUNDS[minutes];
    console.log(
      `ticks of ${minutes} min: ${Math.round(total)} (${parts.join(', ')}); bound ${bound.total}, audit ${bound.audit}`,
    );
    if (total > bound.total || day.audit > bound.audit) process.exitCode = 1;
  }
}

/** Requests of some days by kind, after a first load. */
async function countDays(minutes) {
  const { startSimulators } = await dist('local/simulators/start-simulators.js');
  const sims = await startSimulators({ callsPerVendor: CALLS / SHARE, users: PROVIDERS / SHARE, days: 365 });
  const run = await runnerOf(sims);
  try {
    await run();
    sims.resetRequests();
    for (let passed = 0; passed < DAYS * DAY_MINUTES; passed += minutes) {
      sims.advance(minutes * MINUTE_MS);
      await run();
    }
    const counts = { users: 0, list: 0, audit: 0, metrics: 0 };
    for (const { vendor, kind } of sims.requests) if (vendor === 'kismet') counts[kind] += 1;
    return counts;
  } finally {
    await sims.close();
  }
}

async function runnerOf(sims) {
  const [{ extractAccount }, { parseSettings }, { findSource }, { memoryStore }, { hyparquetWriter }] =
    await Promise.all(
      [
        'functions/extract/extract-account.js',
        'functions/settings.js',
        'functions/source/registry.js',
        'local/lake/memory-store.js',
        'functions/parquet/hyparquet.js',
      ].map(dist),
    );
  const [{ envSecrets }, { thisProcess }, { nodePorts }, { vendorHttp }] = await Promise.all(
    [
      'local/settings/env-secrets.js',
      'local/ports/this-process.js',
      'functions/node-ports.js',
      'functions/http/vendor-http.js',
    ].map(dist),
  );
  const settings = parseSettings({ sources: { kismet: { baseUrl: sims.urls.kismet, maxRps: 1000 } } }, 'bench');
  const source = await findSource('kismet');
  const ports = {
    ...nodePorts,
    ...{ store: memoryStore(), secrets: envSecrets(sims.env), parquet: hyparquetWriter(), process: thisProcess() },
    hashKey: async () => 'hash key of the benchmark, with 32 characters and more',
    ...{ fetch: vendorHttp({}), log() {}, random: Math.random, sleep: async () => {} },
    ...{ now: () => sims.now().getTime(), remainingMs: () => Number.POSITIVE_INFINITY },
  };
  return async () => {
    const result = await extractAccount(source, { account: 'default', at: sims.now(), settings }, ports);
    if (result.exitCode !== 0) throw new Error(result.error ?? result.streams.map(({ error }) => error).join('; '));
  };
}
