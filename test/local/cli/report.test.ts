import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { filledDataDir } from '../../helpers/published.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

test('the page is written by a run that loads something, and on demand to any file', async () => {
  const settings = { timeZone: 'America/New_York', report: { title: 'Harborview' } };
  const { data, cwd, act, run, simulators } = await filledDataDir({ settings });
  const path = join(data, 'report.html');
  const first = await readFile(path, 'utf8');
  expect(first).toContain('<bdi>Harborview</bdi>');
  expect((await stat(path)).mode & 0o777).toBe(0o600);

  await writeFile(path, 'as it was');
  simulators.advance(26 * 3_600_000);
  await run();
  expect(await readFile(path, 'utf8')).toMatch(/^<!doctype html>/);

  const at = ['--at', simulators.now().toISOString()];
  const made = await act('report', '--weeks', '2', '--to', 'calls.html', ...at);
  expect(made).toEqual({ code: 0, stdout: `report: ${join(cwd, 'calls.html')}\n`, stderr: '' });
  expect(await readFile(join(cwd, 'calls.html'), 'utf8')).toContain('all accounts up to date');
  const whole = await readFile(path, 'utf8');
  await rm(path);
  expect((await act('report', ...at)).stdout).toBe(`report: ${path}\n`);
  // From the published copy it is the same page as from the warehouse.
  expect(await readFile(path, 'utf8')).toBe(whole);
});

test.each([
  [['--weeks', '1'], '--weeks is not a whole number from 2 to 26'],
  [['--weeks', 'all'], '--weeks is not a whole number from 2 to 26'],
  [['--at', 'now'], '--at is not a valid instant'],
  [[], 'there is no warehouse'],
])('report %s is refused', async (args, message) => {
  const cwd = await temporaryFolder();
  const { code, stderr } = await callhouseHere(['report', ...args], { cwd });
  expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
});
