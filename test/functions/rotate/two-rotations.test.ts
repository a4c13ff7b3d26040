import { expect, test } from 'vitest';
import { judgeHashKey } from '../../../functions/lake/hash-key-mark.ts';
import { streamsToLoad } from '../../../functions/load/plan.ts';
import type { Store } from '../../../functions/ports.ts';
import { rotateHashKey } from '../../../functions/rotate/rotate-hash-key.ts';
import { findSource } from '../../../functions/source/registry.ts';
import { makePorts } from '../../helpers/ports.ts';
import { solumHome } from '../../helpers/solum-home.ts';
import { solumCall } from '../../helpers/solum-server.ts';
import { suspendedAt } from '../../helpers/suspended-at.ts';

const SECOND = 'the second key of the tests, which has 32 characters';
const THIRD = 'the third key of the tests, which also has 32 characters';
const AT = Date.parse('2026-11-01T09:00:00Z');

/** A lake with two staged files, and rotations of it by processes of different computers. */
async function lake() {
  const numbered = (number: string) => solumCall('zq-call', 1, { customer_number: number });
  const calls = [numbered('+15550100001')];
  const { home } = await solumHome(calls);
  await home.extract('solum', new Date(AT));
  calls[0] = numbered('+15550100002');
  await home.extract('solum', new Date(AT + 3 * 3_600_000));
  const clock = { ms: AT };
  const plan = { streams: streamsToLoad([await findSource('solum')]), accounts: { solum: ['default'] } };
  const rotate = (key: string, store: Store = home.store) => {
    const ports = makePorts({ store, process: { host: key, isGone: () => false } });
    return rotateHashKey({ plan, newKey: async () => key }, { ...ports, now: () => clock.ms, engine: undefined });
  };
  return { store: home.store, clock, rotate };
}

test.each([
  { what: 'before it says that it begins', place: 'put keys/', nth: 1 },
  { what: 'at its first staged file', place: 'put staging/', nth: 1 },
  { what: 'at its last staged file', place: 'put staging/', nth: 2 },
  { what: 'before it says that it has ended', place: 'put keys/', nth: 2 },
])(
  'a rotation that slept $what, while another one rotated to a third key, changes nothing any more',
  async ({ place, nth }) => {
    const { store, clock, rotate } = await lake();
    const asleep = suspendedAt(
      place,
      store,
      async () => {
        clock.ms += 20 * 60_000;
        expect((await rotate(THIRD)).files).toBe(2);
      },
      nth,
    );
    await expect(rotate(SECOND, asleep)).rejects.toThrow('run this again: it is not complete');
    expect(await judgeHashKey(store, THIRD)).toBe('current');
    // Every file has the hashes of the third key.
    expect((await rotate(THIRD)).files).toBe(0);
  },
);
