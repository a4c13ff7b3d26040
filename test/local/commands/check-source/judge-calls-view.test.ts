import { describe, expect, test } from 'vitest';
import type { Source, Stream } from '../../../../functions/source/source.ts';
import { judgeCallsView } from '../../../../local/commands/check-source/judge-calls-view.ts';
import type { CallsMapping } from '../../../../schemas/table.ts';
import postbox from '../../../fixtures/sources/postbox.ts';
import { callhouseHere } from '../../../helpers/callhouse-here.ts';
import { everySource } from '../../../helpers/every-source.ts';
import { temporaryFolder } from '../../../helpers/temporary-folder.ts';

/** Postbox, whose table of calls says something else of the view. */
function withCalls(change: Partial<CallsMapping>): Source {
  const { calls } = postbox.streams;
  if (!calls?.tables[0].calls) throw new Error('no calls');
  const [table, ...others] = calls.tables;
  const changed = { ...table, calls: { ...table.calls, ...change } };
  return { ...postbox, streams: { ...postbox.streams, calls: { ...calls, tables: [changed, ...others] } as Stream } };
}

const sources = await everySource();

describe('the columns of calls', () => {
  test.each(sources)('of $name can be computed', async (source) => {
    expect(await judgeCallsView(source)).toBe('ok');
  });

  test.each([
    ['a function that the engine does not have', 'nope(id)', 'Catalog Error: Scalar Function with name nope does not'],
    ['half an expression', 'lower(id', 'Parser Error: syntax error'],
    ['what only DuckDB reads', 'id::varchar', 'Athena has no ::'],
    ['a cast that fails at a value', 'CAST(id AS bigint)', 'TRY_CAST makes it null'],
    ['a column that no table has', 'nope', 'Binder Error: Referenced column "nope" not found'],
  ])('are named if one has %s', async (_what, agent, seen) => {
    const found = await judgeCallsView(withCalls({ agent }));
    expect(found).toMatchObject({ seen: expect.stringContaining(seen), remedy: expect.stringContaining('"\'USD\'"') });
    expect(JSON.stringify(found)).not.toContain('\\n');
  });

  test('are checked by callhouse check-source', async () => {
    const { code, stdout } = await callhouseHere(['check-source', 'solum'], { cwd: await temporaryFolder() });
    expect(code).toBe(0);
    expect(stdout).toContain('solum.calls: its columns of the view calls can be computed: ok\n');
  });
});
