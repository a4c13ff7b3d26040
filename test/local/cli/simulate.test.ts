import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { builtCli } from '../../helpers/built-cli.ts';
import { callhouse, startProgram } from '../../helpers/callhouse.ts';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('callhouse simulate', () => {
  test('prints the variables of its vendors, advances the clock on request, and ends at a signal', async () => {
    const cli = await builtCli();
    const { child, ended } = startProgram(
      process.execPath,
      [cli, 'simulate', '--days', '3', '--calls', '4', '--users', '1'],
      {},
    );
    const printed = await new Promise<string>((resolve) => {
      let text = '';
      child.stdout?.on('data', (more: string) => {
        text += more;
        if (text.includes('# control')) resolve(text);
      });
    });
    const env = Object.fromEntries(
      [...printed.matchAll(/^export (\w+)=(.*)$/gm)].map(([, name = '', value = '']) => [name, value]),
    );
    const control = /"(http:[^"]*)\?/.exec(printed)?.[1] ?? '';
    const ask = async (url: string, method: string) => (await (await fetch(url, { method })).json()) as { now: string };
    const before = await ask(control.replace('advance', 'state'), 'GET');
    const after = await ask(`${control}?hours=6`, 'POST');
    expect(Date.parse(after.now) - Date.parse(before.now)).toBe(6 * 3_600_000);
    const data = join(await temporaryFolder(), 'data');
    const run = await callhouse(['run', 'solum', '--data-dir', data, '--at', after.now], { env });
    expect(run).toMatchObject({ code: 0 });
    child.kill('SIGTERM');
    expect(await ended).toMatchObject({ code: 0 });
  });

  test('reports a port that is in use', async () => {
    const { simulators } = await demoVendors({ callsPerVendor: 1 });
    const port = new URL(simulators.urls.kismet).port;
    const { code, stderr } = await callhouseHere(['simulate', '--port', port]);
    expect({ code, stderr }).toEqual({
      code: 2,
      stderr:
        'callhouse: a port of --port is in use or not allowed (EADDRINUSE); choose another, or omit --port to use free ports\n',
    });
  });
});

describe('callhouse start', () => {
  test('never empties a folder that no demo created', async () => {
    const folder = join(await temporaryFolder(), 'mine');
    await mkdir(folder);
    await writeFile(join(folder, 'thesis.txt'), 'years of work');
    const { code, stderr } = await callhouseHere(['start', '--data-dir', folder]);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^callhouse: [^\n]+\n$/);
    expect(await readFile(join(folder, 'thesis.txt'), 'utf8')).toBe('years of work');
  });
});
