import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { placesWith, readDataDirectory } from '../../helpers/data-directory.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';
import { ZUDU_ENV, zuduServer } from '../../helpers/zudu-server.ts';

test('an erased call whose id is replaced by its hash does not come back under a new hash key, though no raw copy told its id', async () => {
  const call = (id: string | null, key: string, optsOut: boolean) => ({
    ...{ id, call_id: key, start_timestamp: 1_761_987_600_000, opt_out_sensitive_data_storage: optsOut },
    transcript: `zq-said ${key}`,
  });
  const erased = ['+15550001234', 'jane@clinic.example', '(555) 000-1235'];
  const server = await zuduServer([
    call(null, '+15550001234', false),
    // What a call that opts out may keep does not tell its id.
    call(null, 'jane@clinic.example', true),
    call('uuid of (555) 000-1235', '(555) 000-1235', true),
    call(null, 'john@clinic.example', false),
  ]);
  const data = join(await temporaryFolder(), 'data');
  const env = { ...ZUDU_ENV, ZUDU_BASE_URL: server.url, ZUDU_MAX_RPS: '1000' };
  const act = async (args: readonly string[]) => {
    const { code, stdout, stderr } = await callhouseHere([...args, '--data-dir', data], { env });
    expect({ args, code, stderr }).toMatchObject({ code: 0 });
    return stdout;
  };
  const count = async () => JSON.parse(await act(['query', 'select call_id from zudu_calls', '--format', 'json']));
  await act(['run', '--at', '2026-11-01T09:00:00Z']);
  expect(await count()).toHaveLength(4);
  await rm(join(data, 'lake', 'raw'), { recursive: true });
  for (const id of erased)
    expect(JSON.parse(await act(['erase', '--call', `zudu:${id}`, '--json']))).toMatchObject({
      rows: { zudu_calls: 1 },
    });
  await act(['rotate-hash-key']);
  await act(['run', '--at', '2026-11-02T15:00:00Z']);
  expect(await count()).toHaveLength(1);
  const all = await readDataDirectory(data);
  expect(placesWith(all, 'zq-said +15550001234')).toEqual([]);
  expect(placesWith(all, 'zq-said john').length).toBeGreaterThan(1);
});
