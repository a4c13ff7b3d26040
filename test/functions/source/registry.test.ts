import { describe, expect, test } from 'vitest';
import { tablesOf } from '../../../functions/load/plan.ts';
import { findSource, listSources, loadSources, sourceNames } from '../../../functions/source/registry.ts';
import type { Table } from '../../../schemas/table.ts';
import oauthPhone from '../../fixtures/sources/oauth-phone.ts';
import postbox from '../../fixtures/sources/postbox.ts';

/** Loads these files in place of those of `functions/sources/`. */
async function load(files: Readonly<Record<string, unknown>>, tables: readonly Table[] = []) {
  const { sources, broken, stored } = await loadSources(undefined, {
    list: async () => Object.keys(files),
    load: async (name) => {
      const file = files[`${name}.ts`];
      if (file instanceof Error) throw file;
      return file;
    },
    tables: async () => tables,
  });
  return {
    sources: sources.map(({ name }) => name),
    broken: broken.map(({ name, error }) => `${name}: ${error.message}`),
    stored: stored.map(({ name, streams }) => [name, tablesOf([{ name, streams }]).map((table) => table.name)]),
    codes: broken.map(({ error }) => error.exitCode),
    credentials: broken.map(({ credentials }) => credentials),
  };
}

describe('the sources of this repository', () => {
  test('are all sound', async () => {
    const { sources, broken } = await loadSources();
    expect(broken).toEqual([]);
    expect(sources.map(({ name }) => name)).toEqual(await sourceNames());
    expect(await listSources()).toEqual(sources);
    expect(await findSource('kalem')).toBe(sources.find(({ name }) => name === 'kalem'));
  });
});

describe('a broken source', () => {
  test('disables its vendor alone, and is named with its file', async () => {
    const loaded = await load({
      'postbox.ts': { default: postbox },
      'none.ts': {},
      'throws.ts': new TypeError('x is not a function'),
      'oauth_phone.ts': { default: oauthPhone },
      'types.d.ts': {},
      'readme.md': {},
    });
    expect(loaded.sources).toEqual(['oauth_phone', 'postbox']);
    expect(loaded.broken).toEqual([
      'none: functions/sources/none.ts declares no source; expected export default defineSource({ … })',
      'throws: functions/sources/throws.ts cannot be loaded (TypeError: x is not a function); expected a file that runs alone. Other sources are not affected',
    ]);
    expect(loaded.codes).toEqual([2, 2]);
  });

  test('keeps the names of its credentials, where it has any', async () => {
    const wrong = { ...postbox, baseUrl: 'postbox' };
    const odd = { ...wrong, credentials: ['A_KEY', 7, null] };
    const files = { 'a.ts': { default: wrong }, 'b.ts': { default: odd }, 'c.ts': { default: null } };
    expect((await load(files)).credentials).toEqual([postbox.credentials, ['A_KEY'], []]);
  });

  test('keeps the tables that are known all the same', async () => {
    const { calls } = postbox.streams;
    const own = postbox.streams['call_details']?.tables ?? [];
    const wrong = { ...postbox, streams: { ...postbox.streams, calls: { ...calls, path: 'calls' } } };
    const all = ['postbox_calls', 'postbox_call_details', 'postbox_call_turns'];
    expect((await load({ 'postbox.ts': { default: wrong } })).stored).toEqual([['postbox', all]]);
    const cannot = { 'postbox.ts': new SyntaxError('x') };
    expect((await load(cannot, [...(calls?.tables ?? []), ...own])).stored).toEqual([['postbox', all]]);
    expect((await load(cannot)).stored).toEqual([['postbox', []]]);
    for (const change of [{ key: [] }, { columns: 'x' }, { source: 'other' }, undefined]) {
      const tables = change ? [{ ...calls?.tables[0], ...change }] : change;
      const streams = { calls: { ...calls, tables, details: {} } };
      expect((await load({ 'postbox.ts': { default: { ...postbox, streams } } })).stored).toEqual([['postbox', []]]);
    }
  });

  test('may be one whose file is not named like a source', async () => {
    expect((await load({ 'zoom-phone.ts': { default: postbox } })).broken).toEqual([
      'zoom-phone: functions/sources/zoom-phone.ts: its name is not that of a source; expected lower-case letters, digits and _, such as zoom_phone.ts',
    ]);
  });

  test('may be one that declares the table of another', async () => {
    const [table] = postbox.streams['calls']?.tables ?? [];
    const calls = { call_id: 'id', started_at: 'started_at' };
    const other = {
      ...postbox,
      name: 'post',
      streams: {
        calls: {
          ...postbox.streams['calls'],
          details: {},
          tables: [{ ...table, name: 'post_box_calls', source: 'post', calls }],
        },
      },
    };
    const box = {
      ...postbox,
      name: 'post_box',
      streams: {
        calls: {
          ...postbox.streams['calls'],
          details: {},
          tables: [{ ...table, name: 'post_box_calls', source: 'post_box', calls }],
        },
      },
    };
    const loaded = await load({ 'post.ts': { default: other }, 'post_box.ts': { default: box } });
    expect(loaded).toMatchObject({
      sources: ['post'],
      broken: [
        'post_box: functions/sources/post_box.ts: tables.post_box_calls: source post declares it too; expected each table in one source',
      ],
    });
  });
});
