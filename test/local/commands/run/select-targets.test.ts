import { describe, expect, test } from 'vitest';
import { parseSettings, type SettingsInput } from '../../../../functions/settings.ts';
import { selectTargets } from '../../../../local/commands/run/select-targets.ts';
import { vendorSources } from '../../../helpers/vendors.ts';

const select = async (names: readonly string[], env: Record<string, string>, input: SettingsInput = {}) => {
  const sources = await vendorSources();
  const targets = selectTargets(names, { sources, settings: parseSettings(input, 'test'), env });
  return targets.map(({ source, accounts, streams }) => [source.name, accounts, streams]);
};

describe('selectTargets', () => {
  test('selects every source with a credential, and its accounts', async () => {
    const env = { KALEM_API_TOKEN__NORTH: 'a', KALEM_API_TOKEN: 'b', ZUDU_API_KEY: 'c', SOLUM_BASE_URL: 'd' };
    expect(await select([], env)).toEqual([
      ['kalem', ['default', 'north'], undefined],
      ['zudu', ['default'], undefined],
    ]);
  });

  test('adds accounts of the settings; a source that is only tuned there needs no credentials', async () => {
    const settings = { sources: { kalem: { accounts: ['east'] }, solum: { maxRps: 5 } } };
    expect(await select([], { KALEM_API_TOKEN: 'b' }, settings)).toEqual([['kalem', ['east', 'default'], undefined]]);
  });

  test('collects the named streams; the name of a source selects all of them', async () => {
    const named = ['kismet.calls', 'zudu', 'kismet.organization_users', 'kalem.calls', 'kalem'];
    expect(await select(named, {})).toEqual([
      ['kismet', ['default'], ['calls', 'organization_users']],
      ['zudu', ['default'], undefined],
      ['kalem', ['default'], undefined],
    ]);
  });

  test.each([
    {
      names: ['zodu'],
      says: 'there is no source called "zodu" (did you mean zudu?); expected one of kalem, kismet, solum, zudu',
    },
    { names: ['hubspot'], says: 'there is no source called "hubspot"; expected' },
    { names: ['kismet.call'], says: 'there is no stream of kismet called "call" (did you mean calls?)' },
    { names: [''], says: 'there is no source called ""' },
    { names: [], says: 'no source is configured; set the credentials of at least one' },
  ])('refuses $names', async ({ names, says }) => {
    await expect(select(names, {})).rejects.toThrow(says);
    await expect(select(names, {})).rejects.toMatchObject({ exitCode: 2 });
  });
});
