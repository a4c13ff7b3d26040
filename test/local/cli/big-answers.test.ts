import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouse } from '../../helpers/callhouse.ts';
import { scriptedServer } from '../../helpers/scripted-server.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

const MIB = 1024 * 1024;
const pageOf = (...records: readonly string[]) =>
  `{"data":[${records.join(',')}],"current_page":1,"last_page":1,"total":${records.length}}`;
const callWith = (members: string) => pageOf(`{"call_id":"a",${members}}`);
const many = (count: number, make: (n: number) => string) => Array.from({ length: count }, (_, n) => make(n)).join(',');

const TOO_LARGE = 'the answer is larger than 32 MiB; expected one page of records';
const TOO_DEEP = 'the answer has more than 100000 levels of nesting; expected one page of records';
const TOO_MANY = 'the answer has more than 1000000 values; expected one page of records';
const LOADED = '✓ kalem.calls: ';

/** Runs Kalem against one answer, in a process with the heap of a small machine. */
async function runWithSmallHeap(body: string) {
  const bytes = Buffer.from(body);
  const { url } = await scriptedServer(() => ({ body: bytes }));
  const env = {
    NODE_OPTIONS: '--max-old-space-size=512',
    KALEM_API_TOKEN: 't',
    KALEM_MAX_RPS: '1000',
    KALEM_BASE_URL: url,
  };
  return callhouse(['run', 'kalem', '--data-dir', join(await temporaryFolder(), 'data')], { env });
}

test.each<[what: string, body: () => string, says: string]>([
  ['50 MB of opening brackets', () => '['.repeat(50 * MIB), TOO_LARGE],
  ['30 MB of opening brackets', () => '['.repeat(30 * MIB), TOO_DEEP],
  ['a value of a million levels', () => callWith(`"x":${'['.repeat(1e6)}${']'.repeat(1e6)}`), TOO_DEEP],
  ['5 million small members', () => callWith(many(5e6, (n) => `"${n.toString(36)}":1`)), TOO_LARGE],
  [
    '300,000 small members',
    () => callWith(many(3e5, (n) => `"${n.toString(36)}":1`)),
    'more than 250000 members in one object',
  ],
  [
    '2 million members of many objects',
    () => callWith(`"x":[${many(2e5, () => '{"a":1,"b":1,"c":1,"d":1,"e":1}')}]`),
    TOO_MANY,
  ],
  ['10 million empty records', () => pageOf(many(1e7, () => '{}')), TOO_MANY],
  ['10 million empty lists, and no end', () => `{"data":[${many(1e7, () => '[]')}`, TOO_MANY],
  ['one text of 50 MB', () => callWith(`"x":"${'y'.repeat(50 * MIB)}"`), TOO_LARGE],
  [
    '300,000 numbers that no double holds',
    () => callWith(`"x":[${many(3e5, () => '{"a":12345678901234567890}')}]`),
    'more than 250000 numbers of 16 digits or more',
  ],
  ['200,000 records', () => pageOf(many(2e5, (n) => `{"call_id":"${n}"}`)), 'the answer has 200000 records;'],
])('an answer with %s is refused in a heap of 512 MB', async (_what, body, says) => {
  const { code, stderr } = await runWithSmallHeap(body());
  expect(stderr).toContain(says);
  expect(code).toBe(4);
});

test.each<[what: string, body: () => string]>([
  ['one text of 31 MB', () => callWith(`"x":"${'y'.repeat(31 * MIB)}"`)],
  ['200,000 distinct unknown fields', () => callWith(many(2e5, (n) => `"field_${n}":"${'v'.repeat(100)}"`))],
  ['240,000 numbers that no double holds', () => callWith(`"x":[${many(240_000, () => '12345678901234567890')}]`)],
  ['99,000 levels', () => callWith(`"x":${'['.repeat(99_000)}${']'.repeat(99_000)}`)],
])('an answer with %s is stored in a heap of 512 MB', async (_what, body) => {
  const { code, stderr } = await runWithSmallHeap(body());
  expect(stderr).toContain(LOADED);
  expect(code).toBe(0);
});
