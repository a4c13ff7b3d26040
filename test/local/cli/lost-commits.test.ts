import { cp, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

/** A data directory after three runs of Kalem, each of which found new calls, and a copy of the lake after the first. */
async function threeRuns() {
  const { simulators, env: all } = await demoVendors({ days: 10, callsPerVendor: 20 });
  const data = join(await temporaryFolder(), 'data');
  const lake = join(data, 'lake');
  const older = join(data, 'older');
  const env = envOf(all, 'kalem');
  const act = (...args: string[]) => callhouseHere([...args, '--data-dir', data], { env, cwd: data });
  for (let n = 1; n <= 3; n += 1) {
    expect(await act('run', '--at', simulators.now().toISOString())).toMatchObject({ code: 0 });
    if (n === 1) await cp(lake, older, { recursive: true });
    simulators.advance(25 * 3_600_000);
  }
  const status = async () => {
    const { streams, exitCode } = JSON.parse((await act('status', '--check', '--json')).stdout);
    return { exitCode, state: streams[0].state, fault: streams[0].fault };
  };
  const commit = (n: number) => join(lake, 'commits', 'kalem', 'default', 'calls', `00000000000${n}.json`);
  const callId = async () => {
    const { stdout } = await act('query', 'SELECT min(call_id) AS id FROM calls', '--format', 'json');
    return String(JSON.parse(stdout)[0].id);
  };
  return { act, status, commit, callId, restore: () => cp(older, lake, { recursive: true }), lake };
}

describe('what is missing in a lake is told before the next load', () => {
  test('a commit between two others, and the first ones of a log', async () => {
    const { act, status, commit } = await threeRuns();
    expect(await status()).toEqual({ exitCode: 0, state: 'ok', fault: null });
    expect((await act('doctor')).stdout).toMatch(/^✓ commit logs$/m);
    await rm(commit(2));
    const damaged = { exitCode: 7, state: 'damaged' };
    expect(await status()).toEqual({ ...damaged, fault: expect.stringMatching(/^commit 2 is missing in the lake; /) });
    await rm(commit(1));
    expect(await status()).toEqual({ ...damaged, fault: expect.stringMatching(/^commits 1 to 2 are missing /) });
    const { code, stdout, stderr } = await act('status', '--check');
    expect({ code, stderr }).toEqual({ code: 7, stderr: expect.stringMatching(/^callhouse: kalem\.calls: commits 1/) });
    expect(stdout).toMatch(/^kalem\.calls +damaged /m);
    expect((await act('doctor')).stdout).toMatch(/^✗ commit logs: kalem\.calls: commits 1 to 2 are missing/m);
  });

  test.each([
    ['replay', async () => ['replay']],
    ['a rotation', async () => ['rotate-hash-key']],
    ['an erasure', async (id: () => Promise<string>) => ['erase', '--call', `kalem:${await id()}`]],
  ])('%s refuses such a log, and works once the commit is back', { timeout: 60_000 }, async (_what, args) => {
    const { act, commit, callId } = await threeRuns();
    const command = await args(callId);
    await rename(commit(2), `${commit(2)}.kept`);
    const { code, stderr } = await act(...command);
    expect({ code, stderr }).toEqual({ code: 4, stderr: expect.stringMatching(/000000000002\.json is missing in/) });
    await rename(`${commit(2)}.kept`, commit(2));
    expect(await act(...command)).toMatchObject({ code: 0 });
  });

  test('a lake that was restored from an older copy', async () => {
    const { act, status, lake, restore } = await threeRuns();
    await rm(lake, { recursive: true });
    await restore();
    const fault = expect.stringMatching(
      /^the warehouse has rows of commits that \S+ does not have, so the lake is older/,
    );
    expect(await status()).toEqual({ exitCode: 7, state: 'damaged', fault });
    expect((await act('doctor')).stdout).toMatch(/^✗ commit logs: kalem\.calls: the warehouse has rows of commits/m);
  });
});
