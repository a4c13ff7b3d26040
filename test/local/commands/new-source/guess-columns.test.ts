import { expect, test } from 'vitest';
import { guessColumns } from '../../../../local/commands/new-source/guess-columns.ts';

test.each([
  { other: null, expected: ['agent.name text'] },
  { other: {}, expected: ['agent.name text'] },
  { other: 'A', expected: ['agent json', 'agent.name text'] },
])('a field that is an object in some records and $other in others has columns that agree', ({ other, expected }) => {
  const records = [
    { id: 'c1', agent: other },
    { id: 'c2', agent: { name: 'A' } },
  ];
  for (const sample of [records, records.toReversed()]) {
    const { columns } = guessColumns(sample);
    const seen = columns.filter(({ path }) => path.startsWith('agent')).map(({ path, type }) => `${path} ${type}`);
    expect(seen.sort()).toEqual(expected);
  }
});
