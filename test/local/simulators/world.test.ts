import { describe, expect, test } from 'vitest';
import {
  type LedgerEntry,
  type SimulatorOptions,
  type Simulators,
  startSimulators,
} from '../../../local/simulators/start-simulators.ts';
import { ask } from './ask.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const PATHS = [
  ['kismet', '/api/external/organization_users'],
  ['kismet', '/api/external/organization_users/101/calls?per_page=100'],
  ['kismet', '/api/external/call_metrics?date_start=2026-10-01&date_end=2026-12-31'],
  ['solum', '/v1/calls?limit=100&page=2'],
  ['zudu', '/api/calls?limit=100&page=1'],
  ['kalem', '/api/v1/calls?per_page=100'],
] as const;

async function readAll(sims: Simulators): Promise<string[]> {
  const texts: string[] = [];
  for (const [vendor, path] of PATHS) texts.push((await ask(sims, vendor, path)).text);
  return texts;
}

/** The same world, lived in other steps. */
async function live(options: SimulatorOptions, stepsMs: readonly number[]): Promise<string[]> {
  const sims = await startSimulators(options);
  for (const step of stepsMs) sims.advance(step);
  const texts = await readAll(sims);
  await sims.close();
  return texts;
}

describe('the simulated world', () => {
  test('gives the same bytes for the same seed, in whatever steps its clock advances', async () => {
    const whole = await live({ seed: 7 }, [5 * DAY_MS]);
    const parts = await live({ seed: 7 }, [HOUR_MS, 2 * DAY_MS, 3 * DAY_MS - HOUR_MS]);
    expect(parts).toEqual(whole);
    const other = await live({ seed: 8 }, [5 * DAY_MS]);
    expect(other[3]).not.toEqual(whole[3]);
  });

  test('has the requested number of calls in its history, and later calls arrive at the same rate', async () => {
    const sims = await startSimulators({ days: 10, callsPerVendor: 50 });
    for (const vendor of ['kismet', 'solum', 'zudu', 'kalem'] as const) {
      expect([vendor, sims.ledger.entries(vendor, 'calls').size]).toEqual([vendor, 50]);
    }
    expect(sims.now().toISOString()).toBe('2026-11-01T09:00:00.000Z');
    sims.advance(10 * DAY_MS);
    for (const vendor of ['kismet', 'solum', 'zudu', 'kalem'] as const) {
      expect(sims.ledger.entries(vendor, 'calls').size).toBeGreaterThanOrEqual(99);
      expect(sims.ledger.entries(vendor, 'calls').size).toBeLessThanOrEqual(101);
    }
    await sims.close();
  });

  test('lives through every kind of event within 30 days', async () => {
    const sims = await startSimulators();
    sims.advance(30 * DAY_MS);
    const kinds = new Set(sims.ledger.events.map(({ vendor, kind }) => `${vendor} ${kind}`));
    const common = ['arrival', 'end', 'late-edit'];
    const expected = {
      kismet: [
        ...common,
        'start',
        'participant-added',
        'participant-removed',
        'participant-renamed',
        'audit-read',
        'audit-read-old',
        'restatement',
        'user-added',
        'user-changed',
        'user-removed',
      ],
      solum: [...common, 'analysis', 'edit', 'removal', 'reappearance'],
      zudu: [...common, 'start', 'analysis', 'cost', 'opt-out', 'call-id-assigned', 'removal', 'reappearance'],
      kalem: [...common, 'start', 'cost', 'recording', 'removal'],
    };
    for (const [vendor, names] of Object.entries(expected)) {
      for (const name of names) expect([...kinds]).toContain(`${vendor} ${name}`);
    }
    await sims.close();
  });

  test('has a call in progress at every vendor when it starts', async () => {
    const sims = await startSimulators();
    const open = { kismet: '"state":"active"', solum: '"ended_at":null', zudu: '"call_status":"ONGOING"' };
    for (const [vendor, mark] of Object.entries(open)) {
      const entries = [...sims.ledger.entries(vendor as keyof typeof open, 'calls').values()];
      expect(entries.at(-1)?.versions.at(-1)?.text).toContain(mark);
    }
    await sims.close();
  });

  test('keeps every version of a record with its times, and what was delivered of it', async () => {
    const sims = await startSimulators();
    await ask(sims, 'solum', '/v1/calls?limit=100');
    sims.advance(20 * DAY_MS);
    const entries = [...sims.ledger.entries('solum', 'calls').values()];
    const edited = entries.find((entry) => entry.versions.length > 2 && isServed(entry));
    const [first, second] = edited?.versions ?? [];
    expect(first?.to).toBe(second?.from);
    expect(first?.text).not.toBe(second?.text);
    expect(first?.firstServedAt).toBe(Date.parse('2026-11-01T09:00:00Z'));
    expect(second?.firstServedAt).toBeNull();
    const removed = entries.find((entry) => entry.removedAt !== null && entry.versions.length > 0);
    expect(removed?.versions.at(-1)?.to).toBe(removed?.removedAt);
    await sims.close();
  });

  test('holds Unicode, long transcripts and huge integers', async () => {
    const sims = await startSimulators();
    const texts = [...sims.ledger.entries('zudu', 'calls').values()].flatMap(
      ({ versions }) => versions.at(-1)?.text ?? [],
    );
    expect(texts.some((text) => text.length > 50_000)).toBe(true);
    expect(texts.some((text) => /[\u4e00-\u9fff]/.test(text))).toBe(true);
    expect(texts.some((text) => /:\d{16,18}[,}]/.test(text))).toBe(true);
    expect(texts.some((text) => text.includes('0.1234565'))).toBe(true);
    await sims.close();
  });
});

function isServed(entry: LedgerEntry): boolean {
  return typeof entry.versions[0]?.firstServedAt === 'number';
}
