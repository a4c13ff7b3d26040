import { expect, test } from 'vitest';
import type { ReportFacts } from '../../../local/report/read-facts.ts';
import { reportPage } from '../../../local/report/report-page.ts';

const EVIL = `"><script>alert('x')</script>&`;
const FACTS: ReportFacts = {
  tables: [{ table: EVIL, live: 12_345, removed: 2 }],
  days: [
    { source: EVIL, date: '2026-01-01', calls: 3 },
    { source: 'zudu', date: '2026-01-02', calls: 0 },
  ],
  freshness: [{ stream: EVIL, status: EVIL, lastOk: new Date('2026-01-02T03:04:05Z'), lastData: undefined }],
  rejects: [{ column: EVIL, reason: EVIL, count: 1 }],
};
const AT = new Date('2026-01-03T00:00:00Z');

test('the report has no script, loads nothing, and escapes every text', () => {
  const page = reportPage(FACTS, AT);
  expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
  expect(page).not.toMatch(/<script|<link|<img|@import|url\(|https?:/);
  expect(page).not.toContain(EVIL);
  expect(page).toContain('&quot;&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&amp;');
  expect(page).toContain('<td class="n">12,345</td>');
  expect(page).toContain('<td>2026-01-02 03:04 UTC</td><td>never</td>');
});

test('a report without data is a valid page', () => {
  const page = reportPage({ tables: [], days: [], freshness: [], rejects: [] }, AT);
  expect(page).toContain('<p>None.</p>');
  expect(page).not.toContain('NaN');
});
