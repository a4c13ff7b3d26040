import { expect, test } from 'vitest';
import { guide } from '../../../schemas/derive/dictionary-guide.ts';
import { viewsFor } from '../../../schemas/views/views.ts';
import { allTables } from '../../../scripts/all-tables.ts';

const views = viewsFor(await allTables(), { timeZone: 'UTC' });
const linked = (lines: readonly string[]) =>
  [...lines.join('\n').matchAll(/\[(\w+)\]\(#\1\)/g)].map(([, name]) => name ?? '');

test('the guide leads to views that exist', () => {
  const names = views.map(({ name }) => name);
  const links = linked(guide(views));
  expect(links).toEqual(expect.arrayContaining(['calls_daily', 'calls_hourly', 'key_figures']));
  expect(links.filter((name) => !names.includes(name))).toEqual([]);
});

test('a question is left out unless each of its views exists', () => {
  const rows = (lines: readonly string[]) =>
    lines
      .join('\n')
      .split('\n')
      .filter((line) => linked([line]).length > 0);
  const all = rows(guide(views));
  const isHourly = (line: string) => linked([line]).includes('calls_hourly');
  expect(all.filter(isHourly).some((line) => linked([line]).length > 1)).toBe(true);
  expect(rows(guide(views.filter(({ name }) => name !== 'calls_hourly')))).toEqual(
    all.filter((line) => !isHourly(line)),
  );
});
