import { readFileSync } from 'node:fs';
import { Session } from 'node:inspector/promises';
import { relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { vendorHttp } from '../../../functions/http/vendor-http.ts';
import { parseSettings } from '../../../functions/settings.ts';
import kalem from '../../../functions/sources/kalem.ts';
import { makePorts, type TestPortsOptions } from '../../helpers/ports.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';

const MOST_FILES = 45;
const MOST_FRAMES = 6;
/** Node 20 has no zstd, so the Parquet writer compresses with this file; later versions do not run it. */
const NODE_20_ONLY = 'functions/parquet/snappy.ts';
const CALL = {
  call_id: 'a',
  status: 'completed',
  to_number: '+15551230000',
  from_number: '+15551230001',
  started_at: '2026-10-31T09:00:00Z',
};

/** One extraction of one Kalem record. */
async function extractOne(options: TestPortsOptions = {}) {
  const server = await scriptedServer(() => ({ json: { data: [CALL], current_page: 1, last_page: 1, total: 1 } }));
  const settings = parseSettings({ sources: { kalem: { maxRps: 1000, baseUrl: server.url } } }, 'test');
  const ports = makePorts({ env: { KALEM_API_TOKEN: 't' }, fetch: vendorHttp({}), ...options });
  return () => extractAccount(kalem, { account: 'default', at: new Date('2026-11-01T09:00:00Z'), settings }, ports);
}

/** Files of `functions/` and `schemas/` of which at least one function runs during `work`. */
async function filesThatRun(work: () => Promise<unknown>): Promise<readonly string[]> {
  const session = new Session();
  session.connect();
  await session.post('Profiler.enable');
  await session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
  await work();
  const { result } = await session.post('Profiler.takePreciseCoverage');
  await session.post('Profiler.stopPreciseCoverage');
  session.disconnect();
  return result
    .filter(({ functions }) => functions.some((f) => f.functionName !== '' && (f.ranges[0]?.count ?? 0) > 0))
    .map(({ url }) => relative(process.cwd(), url.startsWith('file:') ? fileURLToPath(url) : url))
    .filter((file) => /^(functions|schemas)\//.test(file));
}

test('an extraction of one record runs the files that docs/architecture.md lists', async () => {
  const work = await extractOne();
  const ran = await filesThatRun(async () => expect((await work()).exitCode).toBe(0));
  const page = readFileSync('docs/architecture.md', 'utf8');
  const list = page.split('<!-- files of one extraction -->')[1] ?? '';
  const listed = [...list.matchAll(/`([\w/.-]+\.ts)`/g)].map(([, file]) => file ?? '');
  const withoutCodec = (files: readonly string[]) => files.filter((file) => file !== NODE_20_ONLY).sort();
  expect(withoutCodec(ran)).toEqual(withoutCodec(listed));
  expect(withoutCodec(ran).length).toBeLessThanOrEqual(MOST_FILES);
  expect(new Set(listed).size).toBe(listed.length);
});

test('the call stack between extractStream and the HTTP client is short', async () => {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 100;
  let stack = '';
  const work = await extractOne({
    fetch: async () => {
      const error = new Error('refused');
      stack = error.stack ?? '';
      throw error;
    },
  });
  await work();
  Error.stackTraceLimit = limit;
  const frames = stack.split('\n').filter((line) => /\/functions\//.test(line) && !line.includes('/test/'));
  const fromStream = frames.findIndex((line) => line.includes('extractStream '));
  expect(fromStream).toBeGreaterThan(0);
  expect(fromStream + 1).toBeLessThanOrEqual(MOST_FRAMES);
});
