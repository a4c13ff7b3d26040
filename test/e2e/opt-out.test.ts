import { readdir, readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback } from '../../local/simulators/listen-on-loopback.ts';
import { expandStored } from '../helpers/expand-stored.ts';
import { makeHome } from '../helpers/home.ts';
import { readRows } from '../helpers/read-parquet.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';

const CANARY = 'CANARY-SAID-IN-CONFIDENCE';
const LONG = `${CANARY} `.repeat(400);

/** One call as the vendor's document shows it. */
function call(id: string, optedOut: boolean) {
  return {
    id: `uuid-${id}`,
    call_id: id,
    call_status: 'ENDED',
    start_timestamp: 1_793_000_000_000,
    opt_out_sensitive_data_storage: optedOut,
    transcript: LONG,
    transcript_object: [{ role: 'user', content: LONG }],
    recording_url: `https://storage.example/${CANARY}.mp4`,
    call_analysis: { call_summary: LONG, user_sentiment: 'Positive' },
    unknown_field: LONG,
  };
}

async function vendor() {
  const plain = {
    transcript: 'plain',
    transcript_object: [],
    recording_url: null,
    call_analysis: null,
    unknown_field: 'plain',
  };
  const calls: Readonly<Record<string, unknown>>[] = [
    { ...call('kept', false), ...plain },
    call('later', false),
    call('never', true),
  ];
  const server = createServer((_request, response) => {
    const pagination = {
      page: 0,
      limit: 50,
      total_count: calls.length,
      total_pages: 1,
      has_next_page: false,
      has_previous_page: false,
    };
    const data = {
      organization_id: 'o',
      calls,
      pagination,
      sort_order: 'descending',
      sort_by: 'start_timestamp',
      applied_filters: {},
    };
    response.end(JSON.stringify({ message: 'ok', status: 'success', error: null, data }));
  });
  const { url, close } = await listenOnLoopback(server);
  onTestFinished(close);
  return { calls, env: { ZUDU_BASE_URL: url, ZUDU_API_KEY: 'key', ZUDU_API_SECRET: 'secret' } };
}

/** Files below a folder that hold the text, once decompressed. */
async function filesWith(folder: string, text: string): Promise<string[]> {
  const found: string[] = [];
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const bytes = await readFile(path);
    const plain = path.endsWith('.parquet')
      ? JSON.stringify(await readRows(bytes), (_key, value) => (typeof value === 'bigint' ? String(value) : value))
      : expandStored(bytes).toString('latin1');
    if (plain.includes(text)) found.push(path.slice(folder.length + 1));
  }
  return found;
}

test('a call that opts out later loses its content everywhere in the same run, including earlier copies', async () => {
  const { calls, env } = await vendor();
  const folder = await temporaryFolder();
  const home = makeHome(folder, { env, sources: ['zudu'] });
  const first = await home.run(new Date('2026-11-01T09:00:00Z'));
  expect(first.load.exitCode).toBe(0);
  const before = await filesWith(folder, CANARY);
  expect(before.map((file) => file.split('/')[1]).sort(), 'control: the content is found where it was kept').toEqual(
    expect.arrayContaining(['raw', 'staging']),
  );
  calls[1] = call('later', true);
  const second = await home.run(new Date('2026-11-01T10:00:00Z'));
  expect(second.extracts[0]).toMatchObject({ exitCode: 0 });
  expect(second.load).toMatchObject({ exitCode: 0 });
  expect(await filesWith(folder, CANARY)).toEqual([]);
});
