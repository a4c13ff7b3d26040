import { expect, test } from 'vitest';
import { ASSUMED_UTC } from '../../../../functions/extract/rows/coerce.ts';
import { accepted, coerce, refused } from '../../../helpers/coerce-json.ts';

const ms = (text: string) => Date.parse(text);
accepted('timestamp', [
  ['"2024-12-10T14:30:00+00:00"', ms('2024-12-10T14:30:00Z')],
  ['"2025-07-16T14:00:00Z"', ms('2025-07-16T14:00:00Z')],
  ['"2025-07-16T14:00:00.123456Z"', ms('2025-07-16T14:00:00.123Z')],
  ['"2025-07-16T14:00:00.9999-05:00"', ms('2025-07-16T19:00:00.999Z')],
  ['"2025-07-16 14:00:00+0530"', ms('2025-07-16T08:30:00Z')],
  ['"2025-07-16T14:00:00-03"', ms('2025-07-16T17:00:00Z')],
  ['"2024-02-29T00:00:00Z"', ms('2024-02-29T00:00:00Z')],
  ['"1970-01-02T00:00:00Z"', 86_400_000],
  ['"9999-12-31T23:59:59.999Z"', 253_402_300_799_999],
  ['1703097600', 1_703_097_600_000],
  ['1703097600.123', 1_703_097_600_123],
  ['1703097601.001', 1_703_097_601_001],
  ['1703097600.9999', 1_703_097_600_999],
  ['1703097600000', 1_703_097_600_000],
  ['"1703097600000"', 1_703_097_600_000],
  ['1703097600123.9', 1_703_097_600_123],
  ['1703097600123456', 1_703_097_600_123],
  ['1703097600123000', 1_703_097_600_123],
  ['1703097600129000', 1_703_097_600_129],
  ['100000000', 100_000_000_000],
  ['946684800', ms('2000-01-01T00:00:00Z')],
  ['946684800000', ms('2000-01-01T00:00:00Z')],
  ['202613010930', 202_613_010_930],
  ['"Tue, 10 Nov 2026 09:00:00 +0000"', ms('2026-11-10T09:00:00Z')],
  ['"Tue, 10 Nov 2026 09:00:00 GMT"', ms('2026-11-10T09:00:00Z')],
  ['"10 nov 2026 09:00 -0500"', ms('2026-11-10T14:00:00Z')],
  ['"Tue,  3 Nov 2026 23:30:15 EST"', ms('2026-11-04T04:30:15Z')],
  ['"Sun, 1 Nov 2026 09:00:00 -0000 (UTC)"', ms('2026-11-01T09:00:00Z')],
]);
const NO_TIME = 'an instant in 1970-01-01 or before, which means none';
const PLAIN_DATE = 'a number that is a date or a count, not an epoch';
refused('timestamp', [
  ['"0001-01-01T00:00:00Z"', NO_TIME],
  ['"0001-01-01T00:00:00+01:00"', NO_TIME],
  ['"0001-01-01"', NO_TIME],
  ['"1900-01-01T00:00:00Z"', NO_TIME],
  ['"1969-12-31T23:59:59.999Z"', NO_TIME],
  ['"1970-01-01T00:00:00Z"', NO_TIME],
  ['"1970-01-01 00:00:00"', NO_TIME],
  ['"1970-01-01T00:00:00-05:00"', NO_TIME],
  ['"Thu, 01 Jan 1970 00:00:00 GMT"', NO_TIME],
  ['0', NO_TIME],
  ['"000000000"', NO_TIME],
  ['-1', NO_TIME],
  ['-1.5', NO_TIME],
  ['-62135596800', NO_TIME],
  ['-62135596800000', NO_TIME],
  ['1', PLAIN_DATE],
  ['1234.5', PLAIN_DATE],
  ['20261101', PLAIN_DATE],
  ['99999999', PLAIN_DATE],
  ['202412101430', PLAIN_DATE],
  ['"202412101430"', PLAIN_DATE],
  ['20241210143000', PLAIN_DATE],
  ['"20241210143000"', PLAIN_DATE],
  ['20241210143000123', PLAIN_DATE],
  ['"20261101"', 'other text where an instant is expected'],
  ['"Mon, 10 Nov 2026 09:00:00 +0000"', 'other text where an instant is expected'],
  ['"Tue, 31 Nov 2026 09:00:00 +0000"', 'other text where an instant is expected'],
  ['"10 Nov 2026 09:00:00 XYZ"', 'other text where an instant is expected'],
  ['"10 Nov 2026 09:00:00 +9900"', 'other text where an instant is expected'],
  ['"10 Nov 26 09:00:00 +0000"', 'other text where an instant is expected'],
]);
refused('timestamp', [
  ['"2023-02-30T00:00:00Z"', 'other text where an instant is expected'],
  ['"2025-13-01T00:00:00Z"', 'other text where an instant is expected'],
  ['"2025-07-16T25:00:00Z"', 'other text where an instant is expected'],
  ['"0000-01-01T00:00:00Z"', 'other text where an instant is expected'],
  ['"9999-12-31T23:59:59-01:00"', 'other text where an instant is expected'],
  ['"soon"', 'other text where an instant is expected'],
  ['""', 'other text where an instant is expected'],
  ['1e400', 'another number where an instant is expected'],
  ['1703097600123456789', 'another number where an instant is expected'],
  ['true', 'a boolean where an instant is expected'],
]);
test.each([
  ['"2025-07-16T14:00:00"', ms('2025-07-16T14:00:00Z')],
  ['"2025-07-16"', ms('2025-07-16T00:00:00Z')],
  ['"2025-07-16 14:00"', ms('2025-07-16T14:00:00Z')],
  ['"Wed, 16 Jul 2025 14:00:00"', ms('2025-07-16T14:00:00Z')],
])('timestamp reads %s, which names no zone, as UTC and counts it', (json, value) => {
  expect(coerce('timestamp', json)).toEqual({ value, doubts: [ASSUMED_UTC] });
});
