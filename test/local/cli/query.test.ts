import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { callhouseHere } from '../../helpers/callhouse-here.ts';
import { filledDataDir } from '../../helpers/published.ts';

test('query reads only the safe half unless --phi is given, points to what is not in it, and reaches no other file', async () => {
  const { act, data, cwd, warehouse } = await filledDataDir();
  for (const [sql, hint] of [
    ['select transcript from zudu_calls', 'transcript is in callhouse_phi.zudu_calls, which --phi reads'],
    ['select c.patient_id from calls c', 'patient_id is in callhouse_phi.solum_calls, which --phi reads'],
    ['from callhouse_phi.zudu_calls', 'callhouse_phi is read only with --phi'],
    ["from query_table('callhouse_phi.zudu_calls')", 'callhouse_phi is read only with --phi'],
  ] as const) {
    const { code, stderr } = await act('query', sql);
    expect({ sql, code, stderr }).toEqual({ sql, code: 2, stderr: expect.stringContaining(hint) });
  }
  expect((await act('query', 'select nothing from calls')).stderr).not.toContain('callhouse_phi');
  const withPhi = await act('query', 'select count(transcript) > 3 as t from callhouse_phi.zudu_calls', '--phi');
  expect(withPhi).toMatchObject({ code: 0, stdout: expect.stringContaining('true') });
  const computed =
    "set variable t = (select 'x' || min(patient_id) from callhouse_phi.solum_calls where patient_id is not null)";
  expect(await act('query', '--phi', computed)).toMatchObject({ code: 0 });
  const named = "from query_table((select 'x' || 'secret' || 'name'))";
  for (const options of [[], ['--phi']])
    expect((await act('query', named, ...options)).stderr).not.toContain('xsecretname');
  for (const from of ['calls', 'main.calls', 'callhouse.calls', 'callhouse.zudu_calls'])
    expect(await act('query', `select count(*) from ${from}`)).toMatchObject({ code: 0 });
  for (const sql of [
    `attach '${warehouse}' as w (read_only)`,
    `from '${warehouse}'`,
    "from read_text('/etc/hostname')",
    'set enable_external_access = true',
    'create table main.mine as select 1',
    "copy (select 1) to '/tmp/callhouse-should-not-exist'",
  ])
    expect({ sql, code: (await act('query', sql)).code }).toEqual({ sql, code: 2 });

  // Neither engine has a type for times on the clinic's clock: only instants get the Z of UTC.
  const times = "select local_at, started_at, date_trunc('hour', local_at) as hour, now() as n from calls order by 2";
  const [row] = JSON.parse((await act('query', times, '--format', 'json')).stdout) as [Record<string, string>];
  const minute = row['started_at']?.slice(0, 16);
  expect(row).toEqual({
    local_at: expect.stringMatching(new RegExp(`^${minute}:\\d\\d\\.\\d{3}$`)),
    started_at: expect.stringMatching(/Z$/),
    hour: `${minute?.slice(0, 13)}:00:00.000`,
    n: expect.stringMatching(/Z$/),
  });

  const input = "select 'from standard input' as t";
  expect((await callhouseHere(['query', '-', '--data-dir', data], { input })).stdout).toContain('from standard input');
  await writeFile(join(cwd, 'q.sql'), "select 'from a file' as t");
  expect((await act('query', '--file', 'q.sql')).stdout).toContain('from a file');
  for (const [args, message] of [
    [['--file', 'none.sql'], '--file none.sql cannot be read (ENOENT)'],
    [['select 1', '--file', 'q.sql'], 'expected one of them'],
    [[], 'the statement is empty'],
  ] as const)
    expect(await act('query', ...args)).toMatchObject({ code: 2, stderr: expect.stringContaining(message) });
});
