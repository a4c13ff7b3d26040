import { describe, expect, test } from 'vitest';
import { check } from '../../helpers/check-source.ts';

describe('a wrong request', () => {
  const required = { back: '3d' };
  test.each([
    { says: 'neither from nor to', window: undefined, ask: (n: string, f: string) => [n, f], given: 'no next' },
    { says: 'open', window: {}, ask: (_: string, f: string) => [f], given: 'neither from nor to' },
    {
      says: 'open on one side',
      window: { required },
      ask: (_: string, f: string, t: string) => (f ? [t] : [1]),
      given: 'from',
    },
    {
      says: 'open on the other side',
      window: { required },
      ask: (_: string, f: string, t: string) => (t ? [f] : [1]),
      given: 'to',
    },
    {
      says: 'of a length',
      window: { longest: '30d', required },
      ask: (_: string, f: string, t: string) => (f && t ? [undefined] : [1]),
      given: 'from and to',
    },
  ])('is named if a list of the request has a gap, where a window is $says', ({ window, ask: listOf, given }) => {
    const list = ({ page, next, from, to }: Record<string, string>) => ({
      query: { page, from, to, list: listOf(next as string, from as string, to as string) },
    });
    const declared = window && { by: 'started_at', as: 'iso', ...window };
    expect(check({ window: declared, ask: list }, {}, { partOn: 'started_at' })).toThrow(
      `calls.ask: with ${given} given, a list of the request has an undefined value, which is sent as null`,
    );
  });

  test('is named if it uses a token that the answers are not declared to have', () => {
    const ask = ({ next }: Record<string, string>) => ({ query: { next } });
    expect(check({ ask, window: undefined })).toThrow(
      'calls.ask: it requests each page in the same way; expected page in the request, or answer.next, without which next is never given',
    );
  });
});
