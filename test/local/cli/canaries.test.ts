import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouse } from '../../helpers/callhouse.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { readEverything } from '../../helpers/read-everything.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** Names and diagnoses of one word, which look like a word of a list. No simulator has them. */
const WORDS = ['Xiomara', 'Thorvald', 'Endometriosis', 'Schizophrenia', 'Gonorrhoea', 'F32.1'];
const MADE_UP = Array.from({ length: 34 }, (_, n) => `cnry${(n * 7919 + 104_729).toString(36)}q${n}`);
const CANARIES = [...MADE_UP, ...WORDS];
const HOUR_MS = 3_600_000;

/** Canaries that a text contains. */
function foundIn(text: string): Set<string> {
  return new Set(CANARIES.filter((canary) => text.includes(canary)));
}

test('health data is only where it must be: 40 canaries', async () => {
  const { simulators, env } = await demoVendors({ days: 10, callsPerVendor: 60, users: 2, canaries: CANARIES });
  const data = join(await temporaryFolder(), 'data');
  let printed = '';
  const say = async (...args: string[]) => {
    const { stdout, stderr, code } = await callhouse([...args, '--data-dir', data], { env });
    printed += `${stdout}\n${stderr}\n`;
    return code;
  };
  const run = (...args: string[]) => say('run', '--at', simulators.now().toISOString(), ...args);
  expect(await run()).toBe(0);
  simulators.advance(25 * HOUR_MS);
  simulators.setFaults({ rate: 0.1, kinds: ['cut', 'html200', 'empty200'] });
  expect(await run('--debug', '--json')).toBe(0);
  await say('status');
  for (const wrong of [
    'summary::int from callhouse_phi.solum_calls',
    '_extra::date from callhouse_phi.zudu_calls',
    'error(name) from callhouse_phi.kismet_calls',
  ]) {
    expect(await say('query', '--phi', `select ${wrong}`)).toBe(2);
  }

  const places = simulators.ledger.canaries;
  const kept = new Set(places.filter(({ optedOut }) => !optedOut).map(({ canary }) => canary));
  const refused = new Set(
    places
      .filter(({ optedOut }) => optedOut)
      .map(({ canary }) => canary)
      .filter((canary) => !kept.has(canary)),
  );
  expect(kept.size + refused.size).toBe(CANARIES.length);
  expect(kept.size).toBeGreaterThan(30);

  expect(await say('query', 'select count(*) from calls')).toBe(0);
  const found = await readEverything(data);
  // Controls: the search finds what is there.
  for (const place of ['raw', 'staged', 'phi'] as const)
    expect({ place, found: foundIn(found[place]) }).toEqual({ place, found: kept });

  const nowhere = new Set();
  expect(foundIn(printed)).toEqual(nowhere);
  for (const place of ['names', 'state', 'report', 'safe', 'main', 'copy', 'copyBytes'] as const)
    expect({ place, found: foundIn(found[place]) }).toEqual({ place, found: nowhere });
  expect(found.copy.length).toBeGreaterThan(found.main.length / 2);
  for (const [name, secret] of Object.entries(env)) {
    if (/KEY|SECRET|TOKEN/.test(name)) expect(printed + found.state + found.report).not.toContain(secret);
  }
});
