import { describe, expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { demoVendors, envOf } from '../../helpers/demo-vendors.ts';
import { temporaryFolder } from '../../helpers/temporary-folder.ts';

describe('callhouse alert', () => {
  test('ends with 7 if a limit is crossed or its figure is unknown, else with 0', async () => {
    const { env, simulators } = await demoVendors({ callsPerVendor: 40 });
    const cwd = await temporaryFolder();
    await callhouseHere(['run', '--at', simulators.now().toISOString()], { cwd, env: envOf(env, 'kalem') });
    const alert = (...args: readonly string[]) => callhouseHere(['alert', ...args], { cwd });

    const calm = await alert('calls > 1000', 'answer_rate <= 0');
    expect(calm.code).toBe(0);
    expect(calm.stdout).toMatch(
      /^ok {7}calls > 1000: it is \d+, of \d+ calls from 2026-10-25 to 2026-10-31\nok {7}answer_rate <= 0: it is 0\.\d+/,
    );
    const crossed = await alert('calls >= 1', 'calls > 1000', '--source', 'kalem');
    expect(crossed).toMatchObject({ code: 7, stdout: expect.stringMatching(/^crossed {2}calls >= 1: .*\nok /) });
    const unknown = await alert('booking_rate < 0.1', '--json');
    expect(unknown.code).toBe(7);
    expect(JSON.parse(unknown.stdout)).toEqual({
      limits: [
        {
          ...{ limit: 'booking_rate < 0.1', state: 'unknown', value: null, base: 0, isComplete: true },
          ...{ from: '2026-10-25', to: '2026-10-31' },
        },
      ],
    });
    expect(await alert('calls > 1', '--source', 'solum')).toMatchObject({
      code: 7,
      stdout: 'unknown  calls > 1: no complete day was read\n',
    });
    expect(await alert('calls > 1', '--source', 'kalem', '--account', 'north')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('kalem has no account "north" in the warehouse; expected one of default'),
    });
  });

  test.each([
    { args: [], says: "missing required argument 'limit'" },
    { args: ['calls'], says: '"calls" is not a limit; expected for example "answer_rate < 0.8"' },
    {
      args: ['answer_rat < 1'],
      says: 'answer_rat is not a metric of key_figures (did you mean answer_rate?); expected',
    },
    { args: ['calls > 1', '--account', 'north'], says: '--account needs --source' },
  ])('refuses $args', async ({ args, says }) => {
    const { code, stderr } = await callhouseHere(['alert', ...args], { cwd: await temporaryFolder() });
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(says) });
  });
});
