import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { checkDeclaration } from '../../../../functions/source/check-declaration.ts';
import type { Source } from '../../../../functions/source/source.ts';
import { checkConformance } from '../../../../local/commands/check-source/conformance.ts';
import { newSource, type WrittenSource } from '../../../../local/commands/new-source/new-source-command.ts';
import { readSample } from '../../../../local/commands/new-source/read-sample.ts';
import { checkoutCopy, programOf } from '../../../helpers/checkout-copy.ts';

const run = promisify(execFile);
const SAMPLES = new URL('../../../fixtures/samples/', import.meta.url);

/** Lines that the files of each vendor must have. The samples have the form of its document, and made-up values. */
const EXPECTED: Readonly<Record<string, readonly string[]>> = {
  twilio: [
    "import { inLink } from '../source/paging.ts';",
    "order: ['start_time', 'date_created'],",
    'ask: ({ next, size }) => ({ query: { PageToken: next, PageSize: size } }),',
    "answer: { records: 'calls', next: inLink('next_page_uri', 'PageToken') },",
    "key: ['sid'],",
    "words: { inbound: ['inbound'], outbound: ['outbound-api', 'outbound-dial'] },",
    "duration: bigint({ path: 'duration', unit: 's',",
    "price: decimal({ path: 'price',",
    "from_formatted: text({ path: 'from_formatted', hash: 'phone',",
    "phone_number_sid: id({ path: 'phone_number_sid',",
  ],
  ringcentral: [
    "order: ['startTime'],",
    'ask: ({ page, size }) => ({ query: { page, perPage: size } }),',
    "page: 'paging.page',",
    "link: 'navigation.nextPage.uri',",
    "pages: 'paging.totalPages',",
    "total: 'paging.totalElements',",
    "callerNumber: { inbound: 'from_phone_number', outbound: 'to_phone_number', direction: 'direction' },",
    "direction: code('inbound', 'outbound')({ path: 'direction',",
    "direction: 'lower(direction)',",
    "duration_seconds: 'duration_ms / 1e3',",
  ],
  retell: [
    "answer: { records: 'items', next: 'pagination_key', more: 'has_more', total: 'total' },",
    'pagination_key: next,',
    "callerNumber: { inbound: 'from_number', outbound: 'to_number', direction: 'direction' },",
    "agent: 'agent_id',",
    "ended_at: 'end_timestamp',",
  ],
  zoom: [
    'ask: ({ next, size }) => ({ query: { next_page_token: next, page_size: size } }),',
    "answer: { records: 'call_history', next: 'next_page_token', total: 'total_records' },",
    "callerNumber: { inbound: 'caller_did_number', outbound: 'callee_did_number', direction: 'direction' },",
  ],
  aircall: [
    "// The sample is sorted oldest first. If the vendor sorts on request, let ask request newest first, and declare order: ['started_at'].",
    'ask: ({ page, size }) => ({ query: { page, per_page: size } }),',
    "answer: { records: 'calls', page: 'meta.current_page', link: 'meta.next_page_link', total: 'meta.total' },",
    "callerNumber: { inbound: 'raw_digits', outbound: 'raw_digits' },",
    "call_id: 'CAST(id AS varchar)',",
  ],
  vapi: [
    "order: ['startedAt', 'createdAt'],",
    "callerNumber: { inbound: 'customer_number', outbound: 'customer_number' },",
    "type: code('inboundPhoneCall', 'outboundPhoneCall')({ path: 'type',",
    "when lower(type) in ('outboundphonecall') then 'outbound' end",
  ],
  // Nothing says which of two numbers is the caller's.
  bland: [
    "// Nothing shows how the list is sorted. If it is newest first, declare order: ['created_at'].",
    "answer: { records: 'calls', total: 'count' },",
    "started_at: 'created_at',",
  ],
  dialpad: [
    "answer: { records: 'items', next: 'cursor' },",
    "date_started: timestamp({ path: 'date_started',",
    "callerNumber: { inbound: 'external_number', outbound: 'external_number' },",
    "duration: double({ path: 'duration', unit: 'ms',",
  ],
  quo: [
    "answer: { records: 'data', next: 'nextCursor' },",
    'query: { cursor: next, limit: size }',
    "when lower(direction) in ('incoming') then 'inbound'",
    "duration_seconds: 'duration',",
  ],
};
const NAMES = Object.keys(EXPECTED);

const files = (name: string) => [`functions/sources/${name}.ts`, `schemas/tables/${name}.ts`];

async function expectGuesses(root: string, name: string, { missing }: WrittenSource): Promise<void> {
  const texts = await Promise.all(files(name).map((file) => readFile(join(root, file), 'utf8')));
  const text = texts.join('');
  for (const line of EXPECTED[name] ?? []) expect(text, name).toContain(line);
  expect(text.includes('callerNumber'), name).toBe(!['bland', 'quo'].includes(name));
  expect(missing, name).toEqual(name === 'bland' ? [expect.stringContaining('not guessed: callerNumber')] : []);
  for (const value of ['Ann', '2025550', 'PACAa2', 'eyJ', 'R4aF9', 'reception'])
    expect(text, name).not.toContain(value);
}

async function loadSource(root: string, name: string): Promise<Source> {
  const module = await import(/* @vite-ignore */ pathToFileURL(join(root, `functions/sources/${name}.ts`)).href);
  return checkDeclaration(`${name}.ts`, name, module.default);
}

async function expectConformance(source: Source): Promise<void> {
  const { name } = source;
  for await (const { name: played, outcome } of checkConformance(source))
    if (outcome !== 'ok') expect(`${name}: ${played}: ${Object.keys(outcome)}`).toMatch(/: notApplicable$/);
}

test('new-source guesses from an answer of a public API how it pages, whose number is the caller’s, and how long a call was', async () => {
  const root = await checkoutCopy();
  for (const name of NAMES) {
    const sample = readSample(await readFile(new URL(`${name}.json`, SAMPLES), 'utf8'), name);
    await expectGuesses(root, name, await newSource({ root, name, sample }));
  }
  const compiled = await run(programOf('tsc'), ['-p', root, '--noEmit']).catch(({ stdout }) => ({ stdout }));
  expect(compiled.stdout).toBe('');
  const all = NAMES.flatMap(files).map((file) => join(root, file));
  await run(programOf('biome'), ['format', '--config-path', process.cwd(), '--vcs-enabled=false', ...all]);
  const sources = await Promise.all(NAMES.map((name) => loadSource(root, name)));
  const [twilio] = sources;
  if (twilio) await expectConformance(twilio);
});
