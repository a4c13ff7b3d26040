/**
 * A coerced value, by column type: text and json `string`; bigint `bigint`; double `number`; boolean `boolean`; timestamp
 * `number` (ms since the epoch); date `number` (days since the epoch); decimal `string` (plain text with six digits after the
 * point, which staged files hold as text); doubles `number[]` (elements may be null).
 */
export type Value = string | number | bigint | boolean | readonly (number | null)[] | null;
