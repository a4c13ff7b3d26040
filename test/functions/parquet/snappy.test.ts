import * as fc from 'fast-check';
import { snappyUncompress } from 'hyparquet';
import { expect, test } from 'vitest';
import { compressSnappy } from '../../../functions/parquet/snappy.ts';
import { holds } from '../../helpers/holds.ts';

function expectRoundTrip(input: Uint8Array): void {
  const output = new Uint8Array(input.length);
  if (input.length > 0) snappyUncompress(compressSnappy(input), output);
  expect(Buffer.compare(output, input)).toBe(0);
}

test('repeated text survives compression', () => {
  const repeating = fc
    .tuple(fc.array(fc.uint8Array({ maxLength: 80 }), { minLength: 1 }), fc.array(fc.nat(), { maxLength: 300 }))
    .map(([parts, picks]) => Buffer.concat(picks.map((pick) => parts[pick % parts.length] ?? Buffer.alloc(0))));
  holds(fc.property(repeating, expectRoundTrip), { numRuns: 300 });
});

test.each([0, 1, 3, 4, 5, 59, 60, 61, 64, 65, 67, 68, 69, 127, 128, 255, 256, 257, 65_535, 65_536, 70_000, 17_000_000])(
  '%i equal or random bytes survive compression',
  (length) => {
    expectRoundTrip(Buffer.alloc(length, 7));
    let state = 1;
    const next = () => {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
      return state >>> 24;
    };
    expectRoundTrip(Uint8Array.from({ length: Math.min(length, 300_000) }, next));
  },
);

test('a match is not used if it is further away than an offset can say', () => {
  const noise = Uint8Array.from({ length: 66_000 }, (_, index) => (index * 7919) >>> 3);
  expectRoundTrip(Buffer.concat([Buffer.from('abcdefgh'), noise, Buffer.from('abcdefgh')]));
});
