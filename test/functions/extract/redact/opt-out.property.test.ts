import fc from 'fast-check';
import { expect, test } from 'vitest';
import { findSource } from '../../../../functions/source/registry.ts';
import type { Source } from '../../../../functions/source/source.ts';
import { memoryStore } from '../../../../local/lake/memory-store.ts';
import { detailsWarehouse } from '../../../helpers/details-world.ts';
import { call, SECRET } from '../../../helpers/opted-out.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { runSource } from '../../../helpers/run-source.ts';
import { ZUDU_ENV, zuduServer } from '../../../helpers/zudu-server.ts';

const STEPS = ['opt out', 'opt in', 'remove', 'return', 'edit', 'load'] as const;
type Step = (typeof STEPS)[number];
type Removal = 'mark' | 'blank';

/** What the vendor showed last of the call, and whether it has been gone for two scans since. */
interface Seen {
  readonly optedOut: boolean;
  readonly version: number;
  readonly isGone: boolean;
}

/** Plays the steps, a run after each that changes something at the vendor (two if it removes the call), and checks the rule after each load. */
async function play(zudu: Source, steps: readonly Step[], onVendorRemoval: Removal): Promise<void> {
  const others = [call('other', false)];
  const list = [call('a', false), ...others];
  const server = await zuduServer(list);
  const store = memoryStore();
  const warehouse = await detailsWarehouse(zudu, store);
  let now = { optedOut: false, version: 1, isListed: true };
  let seen: Seen = { optedOut: false, version: 1, isGone: false };
  let hour = 0;
  const run = async () => {
    const { optedOut, version, isListed } = now;
    const shown = isListed ? [call('a', optedOut, { transcript: `${SECRET} ${version}` })] : [];
    list.splice(0, list.length, ...shown, ...others);
    const at = new Date(Date.parse('2026-11-01T00:00:00Z') + hour * 3_600_000);
    const ports = makePorts({ store, env: ZUDU_ENV });
    const result = await runSource('zudu', { at, url: server.url, onVendorRemoval }, ports);
    expect(result).toMatchObject({ exitCode: 0 });
    hour += 2;
    if (isListed) seen = { optedOut, version, isGone: false };
  };
  await run();
  for (const step of [...steps, 'load']) {
    if (step === 'load') {
      await warehouse.load();
      await expectRule(zudu, warehouse.rowsOf, seen, onVendorRemoval);
      continue;
    }
    if (step === 'opt out') now = { ...now, optedOut: true };
    if (step === 'opt in') now = { ...now, optedOut: false };
    if (step === 'edit') now = { ...now, version: now.version + 1 };
    if (step === 'remove') now = { ...now, isListed: false };
    if (step === 'return') now = { ...now, isListed: true };
    await run();
    if (!now.isListed) {
      await run();
      seen = { ...seen, isGone: true };
    }
  }
}

type RowsOf = (sql: string) => Promise<readonly (readonly unknown[])[]>;

/** An opted-out call keeps no sensitive column but the hashes of its numbers, a blanked one not even these, and every other call keeps all. */
async function expectRule(zudu: Source, rowsOf: RowsOf, seen: Seen, onVendorRemoval: Removal): Promise<void> {
  const [table] = zudu.streams['calls']?.tables ?? [];
  const named = Object.entries(table?.columns ?? {});
  const sensitive = named.flatMap(([name, { sensitive: is }]) => (is ? [name] : []));
  const hashes = named.flatMap(([name, { hash }]) => (hash ? [[`${name}_hash`, hash] as const] : []));
  const phones = [...hashes.filter(([, kind]) => kind === 'phone').map(([name]) => name), '_caller_hash'];
  const others = hashes.filter(([, kind]) => kind !== 'phone').map(([name]) => name);
  const valuesIn = async (database: string, names: readonly string[]) => {
    const [row] = await rowsOf(`SELECT ${names.join(', ')} FROM ${database}.zudu_calls WHERE call_id = 'a'`);
    return (row ?? []).filter((value) => value !== null).length;
  };
  const isBlanked = seen.isGone && onVendorRemoval === 'blank';
  const isEmpty = isBlanked || seen.optedOut;
  const found = {
    deleted: (await rowsOf("SELECT _deleted_at IS NOT NULL FROM callhouse.zudu_calls WHERE call_id = 'a'"))[0]?.[0],
    transcript: (await rowsOf("SELECT transcript FROM callhouse_phi.zudu_calls WHERE call_id = 'a'"))[0]?.[0],
    sensitive: (await valuesIn('callhouse_phi', [...sensitive, '_extra'])) > 0,
    shown: await valuesIn('callhouse', ['metadata_campaign', 'metadata_batch_call_id']),
    numbers: (await valuesIn('callhouse', phones)) > 0,
    others: await valuesIn('callhouse', others),
  };
  expect(found).toEqual({
    deleted: seen.isGone,
    transcript: isEmpty ? null : `${SECRET} ${seen.version}`,
    sensitive: !isEmpty,
    shown: 0,
    numbers: !isBlanked,
    others: isEmpty ? 0 : 3,
  });
}

test('whatever order a call opts out, is removed, returns, is edited and is loaded in, the warehouse holds what the rule allows', async () => {
  const zudu = await findSource('zudu');
  const steps = fc.array(fc.constantFrom(...STEPS), { minLength: 2, maxLength: 7 });
  const property = fc.asyncProperty(steps, fc.constantFrom<Removal>('mark', 'blank'), (order, removal) =>
    play(zudu, order, removal),
  );
  await fc.assert(property, {
    numRuns: 4,
    examples: [
      [['load', 'opt out', 'remove'], 'mark'],
      [['load', 'remove', 'opt out', 'return', 'remove'], 'mark'],
      [['load', 'opt out', 'remove', 'load', 'opt in', 'return'], 'blank'],
    ],
  });
}, 60_000);
