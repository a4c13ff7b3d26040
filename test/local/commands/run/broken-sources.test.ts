import { describe, expect, test } from 'vitest';
import { DeclarationError } from '../../../../functions/errors.ts';
import { parseSettings } from '../../../../functions/settings.ts';
import type { BrokenSource } from '../../../../functions/source/registry.ts';
import { loadSources } from '../../../../functions/source/registry.ts';
import { runOnce } from '../../../../local/commands/run/run-once.ts';
import { selectSound } from '../../../../local/commands/run/select-targets.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const { sources } = await loadSources(['kalem', 'solum']);
const broken: readonly BrokenSource[] = [{ name: 'nova', error: new DeclarationError('nova.ts: calls.path is wrong') }];
const env = { KALEM_API_TOKEN: 't', SOLUM_API_KEY: 'k' };
const select = (...names: string[]) => {
  const selected = selectSound(names, { sources, broken, settings: parseSettings({}, 'test'), env });
  return {
    targets: selected.targets.map(({ source }) => source.name),
    broken: selected.broken.map(({ name }) => name),
  };
};

describe('a source that is declared wrongly', () => {
  test.each([
    [[], { targets: ['kalem', 'solum'], broken: ['nova'] }],
    [['kalem'], { targets: ['kalem'], broken: [] }],
    [['nova.calls', 'kalem'], { targets: ['kalem'], broken: ['nova'] }],
  ])('is left out, and the others are chosen: %j', (names, expected) => {
    expect(select(...names)).toEqual(expected);
  });

  test('is refused if nothing else is named', () => {
    expect(() => select('nova')).toThrow('nova.ts: calls.path is wrong');
  });

  test('ends the run with 2 and its message, and the others run', async () => {
    const { url } = await scriptedServer(() => ({ json: { data: [], current_page: 1, last_page: 1 } }));
    const settings = parseSettings({ sources: { kalem: { baseUrl: url, maxRps: 1000 } } }, 'test');
    const shown: (string | undefined)[] = [];
    const result = await runOnce({
      targets: [{ source: sources[0] as (typeof sources)[number], accounts: ['default'] }],
      broken,
      sources,
      at: new Date('2026-11-01T09:00:00Z'),
      dataDir: await temporaryFolder(),
      warehouse: undefined,
      settings,
      env,
      log: () => {},
      signal: undefined,
      onAccount: ({ error }) => void shown.push(error),
    });
    expect(result.sources.map(({ source, exitCode, error }) => ({ source, exitCode, error }))).toEqual([
      { source: 'nova', exitCode: 2, error: 'nova.ts: calls.path is wrong' },
      { source: 'kalem', exitCode: 0, error: undefined },
    ]);
    expect(shown[0]).toBe('nova.ts: calls.path is wrong');
    expect(result.exitCode).toBe(2);
  });
});
