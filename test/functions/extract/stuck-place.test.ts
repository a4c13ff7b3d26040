import { describe, expect, test } from 'vitest';
import { extractAccount } from '../../../functions/extract/extract-account.ts';
import { parseSettings } from '../../../functions/settings.ts';
import { memoryStore } from '../../../local/lake/memory-store.ts';
import postbox from '../../fixtures/sources/postbox.ts';
import { makePorts } from '../../helpers/ports.ts';
import { type TokenVendor, tokenCalls, tokenServer } from '../../helpers/token-server.ts';

/** Asks to wait longer than a run may. */
const UNWILLING = { status: 429, body: '', headers: { 'retry-after': '100000' } };
const FAILS = { status: 500, body: '{}' };
const AT = Date.parse('2026-11-01T09:00:00Z');
const LOST = 'the vendor does not show the page at which a read was cut; the list is read from its beginning';

/** A vendor with twenty calls on pages of four, whose full scan was cut at the fourth page, and whose tokens then lead to a failure. */
async function world() {
  const vendor: TokenVendor = { records: tokenCalls(20), generation: 1, access: () => true };
  const server = await tokenServer(vendor);
  const store = memoryStore();
  const settings = parseSettings({ sources: { postbox: { maxRps: 1000, baseUrl: server.url } } }, 'test');
  let runs = 0;
  const run = async () => {
    const before = server.pages.length;
    const ports = makePorts({ store, env: { POSTBOX_TOKEN: 'access-1' } });
    const at = new Date(AT + runs * 900_000);
    runs += 1;
    const request = { account: 'default', at, settings, tuning: { commitEveryMs: 0 }, streams: ['calls'] };
    const { exitCode } = await extractAccount(postbox, request, ports);
    const isLost = ports.lines.some(({ message }) => message.includes(LOST));
    return { exitCode, isLost, asked: server.pages.slice(before).map(({ next }) => next) };
  };
  const cut = async () => {
    const isOld = (next?: string) => next !== undefined && !next.startsWith(`${vendor.generation}-`);
    vendor.answer = ({ next }) => (isOld(next) ? FAILS : next?.endsWith('-12') ? UNWILLING : undefined);
    const result = await run();
    vendor.generation += 1;
    vendor.answer = ({ next }) => (isOld(next) ? FAILS : undefined);
    return result;
  };
  /** Passes four days, after which another full scan is due. */
  const waitForScan = () => {
    runs += 4 * 96;
  };
  return { vendor, run, cut, waitForScan };
}

describe('a token at which a full scan was cut, and which leads to a failure of the server (500)', () => {
  test('is given up in the fourth run, and the list is read from its beginning', async () => {
    const { run, cut } = await world();
    await cut();
    for (let n = 1; n < 4; n += 1) expect(await run()).toMatchObject({ exitCode: 3, isLost: false });
    const fourth = await run();
    expect(fourth).toMatchObject({ exitCode: 0, isLost: true });
    expect(fourth.asked.join()).toContain(',2-4,2-8,2-12,2-16');
    expect(await run()).toMatchObject({ exitCode: 0, isLost: false });
  });

  test('is not given up while the vendor does not show the first page of the list either', async () => {
    const { vendor, run, cut } = await world();
    await cut();
    vendor.answer = ({ next }) => (next === undefined ? undefined : FAILS);
    for (let n = 1; n < 4; n += 1) await run();
    let isFirst = true;
    vendor.answer = ({ next }) => {
      if (next !== undefined) isFirst = false;
      return isFirst ? undefined : FAILS;
    };
    expect(await run()).toMatchObject({ exitCode: 3, isLost: false });
  });

  test('is not given up earlier because of runs that failed there before the vendor showed it', async () => {
    const { vendor, run, cut, waitForScan } = await world();
    await cut();
    for (let n = 1; n < 4; n += 1) expect(await run()).toMatchObject({ exitCode: 3, isLost: false });
    vendor.generation = 1;
    vendor.answer = () => undefined;
    expect(await run()).toMatchObject({ exitCode: 0, isLost: false });
    waitForScan();
    expect(await cut()).toMatchObject({ exitCode: 6 });
    for (let n = 1; n < 4; n += 1) expect(await run()).toMatchObject({ exitCode: 3, isLost: false });
    expect(await run()).toMatchObject({ exitCode: 0, isLost: true });
  });

  test('is not counted any more once a later scan has read the list to its end', async () => {
    const { run, cut, waitForScan } = await world();
    await cut();
    for (let n = 1; n < 4; n += 1) await run();
    expect(await run()).toMatchObject({ exitCode: 0, isLost: true });
    waitForScan();
    expect(await cut()).toMatchObject({ exitCode: 6 });
    for (let n = 1; n < 4; n += 1) expect(await run()).toMatchObject({ exitCode: 3, isLost: false });
    expect(await run()).toMatchObject({ exitCode: 0, isLost: true });
  });

  test('is given up rarely if the scan is cut at the same place again', async () => {
    const { run, cut } = await world();
    await cut();
    for (let n = 1; n < 4; n += 1) await run();
    expect(await cut()).toMatchObject({ exitCode: 6, isLost: true });
    for (let n = 5; n < 16; n += 1) expect(await run()).toMatchObject({ exitCode: 3, isLost: false });
    expect(await run()).toMatchObject({ exitCode: 0, isLost: true });
  });
});
