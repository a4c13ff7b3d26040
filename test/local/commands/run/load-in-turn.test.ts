import { describe, expect, test } from 'vitest';
import type { ExitCode } from '../../../../functions/errors.ts';
import { loadInTurn } from '../../../../local/commands/run/load-in-turn.ts';

/** Loads that end when the test says so. */
function heldLoads(sources: readonly string[]) {
  const begun: { readonly only: readonly string[]; readonly isLast: boolean; end(exitCode?: ExitCode): void }[] = [];
  const loads = loadInTurn({
    sources,
    load: (only, { isLast }) =>
      new Promise((resolve) => {
        const end = (exitCode: ExitCode = 0) => {
          const changed = Object.fromEntries(only.map((source) => [source, 1]));
          resolve({ commits: only.length, changed, exitCode, error: exitCode === 0 ? undefined : `failed: ${only}` });
        };
        begun.push({ only, isLast, end });
      }),
  });
  const next = async () => {
    const { length } = begun;
    for (let turn = 0; turn < 20 && begun.length === length; turn += 1) await Promise.resolve();
    return begun.at(-1);
  };
  return { loads, begun, next };
}

describe('loads in turn', () => {
  test('load a source at once, those that wait together, and the rest at the end', async () => {
    const { loads, begun, next } = heldLoads(['a', 'b', 'c', 'd']);
    loads.add('c');
    loads.add('b');
    loads.add('a');
    expect(begun.map(({ only }) => only)).toEqual([['c']]);
    begun[0]?.end();
    expect(await next()).toMatchObject({ only: ['a', 'b'], isLast: false });
    const result = loads.finish();
    begun[1]?.end();
    const last = await next();
    expect(last).toMatchObject({ only: ['d'], isLast: true });
    last?.end();
    expect(await result).toEqual({ commits: 4, changed: { a: 1, b: 1, c: 1, d: 1 }, exitCode: 0, error: undefined });
    expect(Object.keys((await result).changed)).toEqual(['a', 'b', 'c', 'd']);
  });

  test('load a source again at the end if its load failed, and the last result counts', async () => {
    for (const code of [0, 6] as const) {
      const { loads, begun, next } = heldLoads(['a', 'b']);
      loads.add('a');
      begun[0]?.end(6);
      const result = loads.finish();
      const last = await next();
      expect(last?.only).toEqual(['a', 'b']);
      last?.end(code);
      expect(await result).toMatchObject({ exitCode: code, error: code === 0 ? undefined : 'failed: a,b' });
    }
  });

  test('keep the faults that checks found, and load no source again for them', async () => {
    const loads = loadInTurn({
      sources: ['a', 'b'],
      load: async (only) => ({
        ...{ commits: 1, changed: {} },
        ...(only.includes('a') ? { faults: ['a key twice'], exitCode: 4 as const } : { exitCode: 0 as const }),
      }),
    });
    loads.add('a');
    expect(await loads.finish()).toMatchObject({ commits: 2, faults: ['a key twice'], exitCode: 4 });
  });

  test('report a bug at the end', async () => {
    const loads = loadInTurn({ sources: ['a'], load: () => Promise.reject(new Error('a bug')) });
    loads.add('a');
    await expect(loads.finish()).rejects.toThrow('a bug');
  });
});
