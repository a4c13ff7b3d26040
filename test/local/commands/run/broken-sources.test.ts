import { describe, expect, test } from 'vitest';
import { DeclarationError } from '../../../../functions/errors.ts';
import { parseSettings, type SettingsInput } from '../../../../functions/settings.ts';
import type { BrokenSource } from '../../../../functions/source/registry.ts';
import { loadSources } from '../../../../functions/source/registry.ts';
import { runOnce } from '../../../../local/commands/run/run-once.ts';
import { selectSound } from '../../../../local/commands/run/select-targets.ts';
import type { Environment } from '../../../../local/settings/env-secrets.ts';
import { scriptedServer } from '../../../helpers/scripted-server.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

const { sources } = await loadSources(['kalem', 'solum']);
const broken: readonly BrokenSource[] = [
  {
    name: 'nova',
    credentials: ['NOVA_API_KEY'],
    streams: {},
    error: new DeclarationError('nova.ts: calls.path is wrong'),
  },
];
const env = { KALEM_API_TOKEN: 't', SOLUM_API_KEY: 'k' };
const select = (names: readonly string[], more: Environment = {}, settings: SettingsInput = {}) => {
  const choice = { sources, broken, settings: parseSettings(settings, 'test'), env: { ...env, ...more } };
  const selected = selectSound(names, choice);
  return {
    unused: selected.unused.map(({ name }) => name),
    targets: selected.targets.map(({ source }) => source.name),
    broken: selected.broken.map(({ name }) => name),
  };
};

describe('a source that is declared wrongly', () => {
  test.each([
    [[], { targets: ['kalem', 'solum'], broken: [], unused: ['nova'] }],
    [['kalem'], { targets: ['kalem'], broken: [], unused: [] }],
    [['nova.calls', 'kalem'], { targets: ['kalem'], broken: ['nova'], unused: [] }],
  ])('is left out, and the others are chosen: %j', (names, expected) => {
    expect(select(names)).toEqual(expected);
  });

  test.each([
    [{ NOVA_API_KEY: 'k' }, {}],
    [{ NOVA_API_KEY__NORTH: 'k' }, {}],
    [{ NOVA_SECRET_OF_AN_UNREADABLE_FILE: 'k' }, {}],
    [{}, { sources: { nova: { accounts: ['north'] } } }],
  ])('is an error where it has credentials or accounts: %j %j', (more, settings) => {
    expect(select([], more, settings)).toMatchObject({ broken: ['nova'], unused: [] });
  });

  test.each([
    { NOVA_BASE_URL: 'u' },
    { NOVA_TOKEN_URL: 'u' },
    { NOVA_MAX_RPS: '1' },
    { NOVA_API_KEY: '' },
    { NOVARTIS_KEY: 'k' },
  ])('is only mentioned where nobody uses it: %j', (more) =>
    expect(select([], more)).toMatchObject({ broken: [], unused: ['nova'] }),
  );

  test('says what is wrong rather than that no source is configured', () => {
    expect(() => select([], { KALEM_API_TOKEN: '', SOLUM_API_KEY: '', NOVA_API_KEY: 'k' })).toThrow(
      'nova.ts: calls.path is wrong',
    );
  });

  test('is refused if nothing else is named', () => {
    expect(() => select(['nova'])).toThrow('nova.ts: calls.path is wrong');
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
