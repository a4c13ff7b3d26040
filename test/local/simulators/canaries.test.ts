import { describe, expect, test } from 'vitest';
import { startSimulators } from '../../../local/simulators/start-simulators.ts';
import { expectedTables } from '../../helpers/oracle/expected-tables.ts';

describe('canaries', () => {
  test.each([
    { says: 'one', canaries: ['CANARY-7f3a'] },
    { says: 'many', canaries: Array.from({ length: 60 }, (_, count) => `CANARY-${count}-x`) },
  ])('$says: each is where the ledger says, and in no safe column', async ({ canaries }) => {
    const sims = await startSimulators({ canaries });
    const { ledger } = sims;
    expect(new Set(ledger.canaries.map(({ canary }) => canary))).toEqual(new Set(canaries));
    for (const { canary, vendor, stream, id } of ledger.canaries) {
      expect(ledger.entries(vendor, stream).get(id)?.versions.at(-1)?.text).toContain(canary);
    }
    const tables = expectedTables(sims, { hashKey: 'k'.repeat(32), include: 'servable' });
    const rows = [...tables.values()].flatMap((table) => [...table.values()]);
    const isShown = ([column]: [string, unknown], { mayBeHidden }: (typeof rows)[number]) => !mayBeHidden.has(column);
    const safe = rows
      .map((row) => JSON.stringify(Object.entries(row.safe).filter((cell) => isShown(cell, row))))
      .join('\n');
    const phi = rows.map((row) => JSON.stringify(row.phi)).join('\n');
    for (const { canary, optedOut } of ledger.canaries) {
      expect(safe).not.toContain(canary);
      if (!optedOut) expect(phi).toContain(canary);
    }
    await sims.close();
  });

  test('some are in fields whose caller opted out of storage', async () => {
    const sims = await startSimulators({ canaries: Array.from({ length: 60 }, (_, count) => `CANARY-${count}-x`) });
    const refused = sims.ledger.canaries.filter(({ optedOut }) => optedOut);
    expect(refused.map(({ field }) => field)).toContain('transcript');
    const tables = expectedTables(sims, { hashKey: 'key', include: 'servable' });
    const rows = [...(tables.get('zudu_calls')?.values() ?? [])];
    const isKept = ([column]: [string, unknown], { mayBeHidden }: (typeof rows)[number]) => !mayBeHidden.has(column);
    const phi = JSON.stringify(rows.map((row) => Object.entries(row.phi).filter((cell) => isKept(cell, row))));
    const kept = new Set(sims.ledger.canaries.filter(({ optedOut }) => !optedOut).map(({ canary }) => canary));
    for (const { canary } of refused) if (!kept.has(canary)) expect(phi).not.toContain(canary);
    await sims.close();
  });
});
