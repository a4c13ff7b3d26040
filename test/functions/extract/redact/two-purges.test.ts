import { expect, test } from 'vitest';
import type { Store } from '../../../../functions/ports.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { objectsWith } from '../../../helpers/objects-with.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { suspendedAt } from '../../../helpers/suspended-at.ts';
import { ZUDU_ENV, type ZuduCall, zuduServer } from '../../../helpers/zudu-server.ts';

const AT = Date.parse('2026-11-01T09:00:00Z');
const SAID = ['zq-said-by-one', 'zq-said-by-two'] as const;

test.each(['raw/', 'staging/'])(
  'two runs that remove values from one copy in %s at the same time keep none',
  async (copy) => {
    const calls = SAID.map(
      (said, n): ZuduCall => ({
        call_id: `c-${n}`,
        start_timestamp: `2026-11-01T08:0${n}:00Z`,
        transcript: said,
        opt_out_sensitive_data_storage: false,
      }),
    );
    const { url } = await zuduServer(calls);
    const store = memoryStore();
    const run = (hours: number, own: Store = store) => {
      const at = new Date(AT + hours * 3_600_000);
      const process = { isGone: () => true };
      return runSource(
        'zudu',
        { at, url },
        makePorts({ store: own, env: ZUDU_ENV, clock: { ms: at.getTime() }, process }),
      );
    };
    const optOut = (n: number) => {
      calls[n] = { ...calls[n], opt_out_sensitive_data_storage: true };
    };
    await run(0);
    for (const said of SAID) expect(await objectsWith(store, said)).not.toEqual([]);
    optOut(0);
    let isBeside = false;
    const beside = async () => {
      optOut(1);
      expect(await run(2)).toMatchObject({ exitCode: 0 });
      expect(await objectsWith(store, SAID[1])).toEqual([]);
      isBeside = true;
    };
    // The first write is the run's own copy, the second one rewrites the earlier copy.
    await run(1, suspendedAt(`put ${copy}`, store, beside, 2));
    expect(isBeside).toBe(true);
    for (const said of SAID) expect(await objectsWith(store, said)).toEqual([]);
  },
);
