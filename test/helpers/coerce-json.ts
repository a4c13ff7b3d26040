import { describe, expect, test } from 'vitest';
import { COERCE } from '../../functions/extract/rows/coerce.ts';
import { parseJson } from '../../functions/http/lossless-json.ts';
import type { ColumnType } from '../../schemas/column.ts';
import type { Value } from '../../schemas/value.ts';

/** A JSON text as a column of a type has it, and what was doubted. */
export function coerce(type: ColumnType, json: string): { value: Value; doubts: string[] } {
  const doubts: string[] = [];
  const value = COERCE[type](parseJson(json), (reason) => doubts.push(reason));
  return { value, doubts };
}

/** Tests of JSON texts and the values that a column of the type has of them. */
export const accepted = (type: ColumnType, cases: readonly (readonly [json: string, value: Value])[]) =>
  describe(type, () => {
    test.each(cases)(`${type} reads %s as %s`, (json, value) => {
      expect(coerce(type, json)).toEqual({ value, doubts: [] });
    });
  });

/** Tests of JSON texts that a column of the type refuses, and the reason that is counted. */
export const refused = (type: ColumnType, cases: readonly (readonly [json: string, reason: string])[]) =>
  describe(type, () => {
    test.each(cases)(`${type} refuses %s, naming the kind alone`, (json, reason) => {
      expect(coerce(type, json)).toEqual({ value: null, doubts: [reason] });
    });
  });
