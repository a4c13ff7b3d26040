import type { Simulators } from '../../local/simulators/start-simulators.ts';
import { compareTables } from '../helpers/oracle/compare-tables.ts';
import { expectedTables } from '../helpers/oracle/expected-tables.ts';
import { readWarehouse } from '../helpers/oracle/read-warehouse.ts';

/** The account of Kalem that comes and goes. */
export const SECOND_ACCOUNT = 'north';

/** Keys of those of Kalem's calls that are not removed; the second account has been shown them. */
export function keysOfSecond(vendors: Simulators, hashKey: string): ReadonlySet<string> {
  const shown = expectedTables(vendors, { hashKey, account: SECOND_ACCOUNT, values: 'served' });
  return new Set([...(shown.get('kalem_calls') ?? [])].flatMap(([key, { servedNow }]) => (servedNow ? [key] : [])));
}

/**
 * What the warehouse lacks or holds wrongly, against the ledger of the vendors.
 * @param kept rows of the second account, which stay when it is removed
 */
export async function differences(
  vendors: Simulators,
  warehouse: string,
  hashKey: string,
  kept: ReadonlySet<string>,
): Promise<readonly string[]> {
  const actual = await readWarehouse(warehouse);
  const expected = expectedTables(vendors, { hashKey, include: 'servable', values: 'current' });
  const found = compareTables(expected, actual, { most: Number.POSITIVE_INFINITY });
  const { safe, phi } = actual.get('kalem_calls') ?? {};
  const lost = [...kept].filter((key) => !safe?.has(key) || !phi?.has(key));
  return [
    ...found.filter((line) => !line.includes(`["${SECOND_ACCOUNT}"`)),
    ...lost.map((key) => `kalem_calls ${key}: the row is missing`),
    ...(kept.size === 0 ? [`account ${SECOND_ACCOUNT}: it was shown no call`] : []),
  ];
}
