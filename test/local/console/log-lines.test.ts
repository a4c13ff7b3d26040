import { expect, test } from 'vitest';
import { logLines } from '../../../local/console/log-lines.ts';

function lines(options: { readonly debug?: boolean; readonly isTty?: boolean } = {}) {
  const written: string[] = [];
  const err = { write: (text: string) => void written.push(text), isTty: options.isTty ?? false, columns: 20 };
  return { ...logLines({ err, debug: options.debug ?? false }), written };
}

const KALEM = { source: 'kalem', account: 'north', stream: 'calls' };

test('prints one line per finished stream, warning and failure, and the same failure once', () => {
  const { log, written } = lines();
  log('info', 'stream done', {
    ...KALEM,
    status: 'ok',
    requests: 5,
    records: 200,
    changed: 31,
    deleted: 2,
    rejected: 0,
  });
  log('warn', 'odd', KALEM);
  log('error', 'kalem.calls (north): broken');
  log('error', 'kalem.calls (north): broken');
  log('info', 'loaded', { ...KALEM, rows: 5 });
  log('debug', 'asking again', KALEM);
  expect(written).toEqual([
    '✓ kalem.calls (north): 200 records, 31 changed, 2 removed, 5 requests\n',
    'callhouse: warning: kalem.calls (north): odd\n',
    'callhouse: kalem.calls (north): broken\n',
  ]);
});

test('prints every line with --debug', () => {
  const { log, written } = lines({ debug: true });
  log('debug', 'asking again', { source: 'kalem', tries: 2, reason: undefined });
  expect(written).toEqual(['debug: asking again source=kalem tries=2\n']);
});

test('shows the activity on the last line, on a terminal only', () => {
  const { setActivity, log, written } = lines({ isTty: true });
  setActivity('1 of 7 streams, and more than fits');
  log('warn', 'odd', {});
  setActivity(undefined);
  expect(written.join('')).toBe(
    '\r\u001b[2K1 of 7 streams, and\r\u001b[2Kcallhouse: warning: odd\n1 of 7 streams, and\r\u001b[2K',
  );
  const plain = lines();
  plain.setActivity('x');
  expect(plain.written).toEqual([]);
});
