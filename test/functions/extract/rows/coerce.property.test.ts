import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ASSUMED_UTC, COERCE } from '../../../../functions/extract/rows/coerce.ts';
import { parseJson } from '../../../../functions/http/lossless-json.ts';
import type { ColumnType } from '../../../../schemas/column.ts';
import { RawNumber } from '../../../../schemas/json-text.ts';
import { holds } from '../../../helpers/holds.ts';

const coerce = (type: ColumnType, json: string) => COERCE[type](parseJson(json), () => {});

describe('any value of any type', () => {
  const anything = fc.oneof(
    fc.jsonValue({ maxDepth: 3 }),
    fc.bigInt(),
    fc.stringMatching(/^-?\d{1,30}(\.\d{1,30})?([eE][+-]?\d{1,4})?$/).map((text) => new RawNumber(text)),
    fc.date({ noInvalidDate: true }).map((date) => date.toISOString()),
  );
  const types = Object.keys(COERCE) as ColumnType[];

  test('is read as a value, or as null with a reason that does not quote it', () => {
    const property = fc.property(anything, fc.constantFrom(...types), (value, type) => {
      if (value === null) return;
      const doubts: string[] = [];
      const result = COERCE[type](value, (reason) => doubts.push(reason));
      if (result === null) expect(doubts).toHaveLength(1);
      else expect(doubts.filter((doubt) => doubt !== ASSUMED_UTC)).toEqual([]);
      expect(doubts.every((doubt) => /^[a-zA-Z0-9 ^,-]+$/.test(doubt))).toBe(true);
      if (typeof result === 'number') expect(Number.isFinite(result)).toBe(true);
    });
    holds(property, { numRuns: 3000 });
  });

  test('that is an instant is read the same from each of its spellings', () => {
    const whole = fc.integer({ min: Date.parse('2001-09-09T02:00:00Z'), max: Date.parse('2099-12-31T00:00:00Z') });
    const property = fc.property(whole, fc.integer({ min: 0, max: 999 }), (instant, micro) => {
      const micros = `${instant}${String(micro).padStart(3, '0')}`;
      const spellings = [
        `"${new Date(instant).toISOString()}"`,
        `${instant}`,
        `"${instant}"`,
        micros,
        `${micros.slice(0, -6)}.${micros.slice(-6)}`,
      ];
      for (const json of spellings) expect(coerce('timestamp', json)).toBe(instant);
    });
    holds(property, { numRuns: 2000 });
  });

  test('that is an amount is rounded half away from zero, from the shortest text of the number', () => {
    const property = fc.property(
      fc.integer({ min: -(10 ** 9), max: 10 ** 9 }),
      fc.integer({ min: 5, max: 9 }),
      (units, digits) => {
        const text = `${units / 10 ** 3}`;
        const value = coerce('decimal', text);
        expect(value).toBe(
          `${units < 0 ? '-' : ''}${Math.floor(Math.abs(units) / 1000)}.${String(Math.abs(units) % 1000).padStart(3, '0')}000`,
        );
        expect(coerce('decimal', `0.000000${digits}`)).toBe('0.000001');
      },
    );
    holds(property, { numRuns: 1000 });
  });
});
