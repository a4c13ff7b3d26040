import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { AnswerTooLargeError } from '../../../functions/errors.ts';
import { askOnce, expectSilence } from '../../helpers/ask-client.ts';

describe('a body', () => {
  const MIB = 1024 * 1024;
  test.each([
    ['plain', () => Buffer.alloc(33 * MIB, 32), {}],
    ['a gzip bomb', () => gzipSync(Buffer.alloc(200 * MIB, 32), { level: 1 }), { 'content-encoding': 'gzip' }],
  ])('of more than 32 MiB (%s) is rejected as soon as the limit is passed', async (_what, make, headers) => {
    const body = make();
    const before = process.memoryUsage.rss();
    const result = await askOnce(() => ({ headers: headers as Record<string, string>, body }));
    expect(result.error).toBeInstanceOf(AnswerTooLargeError);
    expect(result.error?.message).toBe(
      'zudu.calls: GET /calls/{id}: the answer is larger than 32 MiB; expected one page of records',
    );
    expect(result.requests).toHaveLength(1);
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * MIB);
  });

  test.each([
    ['levels of nesting', '['.repeat(200_000), '100000 levels of nesting'],
    ['values', `[${'0,'.repeat(1_000_000)}0]`, '1000000 values'],
    ['members', `[{${'"a":1,'.repeat(250_000)}"a":1}]`, '250000 members in one object'],
  ])('of too many %s is refused without another try', async (_what, body, limit) => {
    const { error, requests } = await askOnce(() => ({ body }));
    expect(error).toBeInstanceOf(AnswerTooLargeError);
    expect(error?.message).toBe(
      `zudu.calls: GET /calls/{id}: the answer has more than ${limit}; expected one page of records`,
    );
    expect(requests).toHaveLength(1);
  });

  test('of a little less than 32 MiB is read', async () => {
    const { value } = await askOnce(() => ({ body: `"${'a'.repeat(31 * MIB)}"` }));
    expect(String(value)).toHaveLength(31 * MIB);
  });

  test.each<[what: string, contentType: string, body: Buffer, name?: string]>([
    ['UTF-8 with a byte order mark', 'application/json', Buffer.from('\ufeff{"name":"José €"}')],
    ['UTF-8 that is declared', 'application/json; charset="UTF-8"', Buffer.from('{"name":"José €"}')],
    ['ISO-8859-1', 'application/json;charset=ISO-8859-1', Buffer.from('{"name":"Jos\xe9 \x80"}', 'latin1')],
    ['windows-1252', 'application/json; Charset=windows-1252', Buffer.from('{"name":"Jos\xe9 \x80"}', 'latin1')],
    ['UTF-8 that is declared as ISO-8859-1', 'text/json; charset=ISO-8859-1', Buffer.from('{"name":"José €"}')],
    ['UTF-8 that is declared as windows-1252', 'text/json; charset="windows-1252"', Buffer.from('{"name":"José €"}')],
    ['a charset of seven bits', 'text/json; charset=iso-2022-jp', Buffer.from('{"name":"\x1b$B;3ED\x1b(B"}'), '山田'],
    ['UTF-16', 'application/json; charset=utf-16le', Buffer.from('{"name":"José €"}', 'utf16le')],
    ['UTF-16 with a byte order mark', 'application/json', Buffer.from('\ufeff{"name":"José €"}', 'utf16le')],
    [
      'big-endian UTF-16 with a byte order mark',
      'application/json; charset=utf-8',
      Buffer.from('\ufeff{"name":"José €"}', 'utf16le').swap16(),
    ],
  ])('in %s is read, and kept in UTF-8', async (_what, contentType, body, name = 'José €') => {
    const { value, once } = await askOnce(() => ({ headers: { 'content-type': contentType }, body }));
    expect(value).toEqual({ name });
    const { bytes } = await once();
    expect(bytes.toString('utf8').replace(/^\ufeff/, '')).toBe(`{"name":"${name}"}`);
  });

  test('that is compressed more than once is rejected', async () => {
    const body = gzipSync(gzipSync('{"name":"Jane Doe"}'));
    const result = await askOnce(() => ({ headers: { 'content-encoding': 'gzip, gzip' }, body }));
    expect(result.error).toMatchObject({
      exitCode: 4,
      message:
        'zudu.calls: GET /calls/{id}: the answer is compressed more than once; expected at most one content-encoding',
    });
    expect(result.requests).toHaveLength(1);
    expectSilence(result);
  });

  test('is read if it begins with a byte order mark or is compressed', async () => {
    expect((await askOnce(() => ({ body: '\ufeff{"ok":true}' }))).value).toEqual({ ok: true });
    const body = gzipSync('{"ok":true}');
    expect((await askOnce(() => ({ headers: { 'content-encoding': 'gzip' }, body }))).value).toEqual({ ok: true });
  });
});
