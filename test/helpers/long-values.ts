/** Returns a JSON value of about `size` characters. */
export type LongValue = (size: number) => string;

const zeros = (size: number) => '0'.repeat(size);
const half = (size: number) => zeros(size / 2);

/** Numbers, each with a different long part. */
export const LONG_NUMBERS: Readonly<Record<string, LongValue>> = {
  'an integer of many digits': (size) => '7'.repeat(size),
  'zeros between two digits': (size) => `1${zeros(size)}1`,
  'zeros at the end': (size) => `1${zeros(size)}`,
  'zeros between, and a fraction': (size) => `-1${half(size)}1.0`,
  'zeros on both sides of the point': (size) => `1${half(size)}.${half(size)}1`,
  'a fraction of many digits': (size) => `0.${'3'.repeat(size)}`,
  'a fraction of zeros': (size) => `1.${zeros(size)}`,
  'a fraction of zeros and a digit': (size) => `-0.${zeros(size)}1`,
  'a fraction with zeros between': (size) => `0.1${zeros(size)}1`,
  'zeros taken back by the exponent': (size) => `1${zeros(size)}e-${size}`,
  'zeros between, taken back by the exponent': (size) => `1${zeros(size)}1e-${size}`,
  'a fraction taken back by the exponent': (size) => `0.${zeros(size)}1e${size + 1}`,
  'zero with many zeros': (size) => `-0.${zeros(size)}`,
  'an exponent of many digits': (size) => `1e${'9'.repeat(size)}`,
  'a negative exponent of many digits': (size) => `-1.5E-${'9'.repeat(size)}`,
  'zero to an exponent of many digits': (size) => `0e+${'9'.repeat(size)}`,
  'an exponent of many zeros': (size) => `1e${zeros(size)}1`,
  'everything at once': (size) => `-1${zeros(size / 4)}.${zeros(size / 4)}1e-${zeros(size / 4)}${'1'.repeat(size / 4)}`,
};

/** Text that begins like a valid value, repeats one character, and ends in an invalid way. */
const LONG_TEXTS = Object.fromEntries(
  [
    ' ',
    '0',
    '1',
    '-',
    '+',
    '.',
    'e',
    ':',
    'T',
    '(',
    '/',
    '?',
    '"',
    '\\',
    '\n',
    '\u0000',
    '\u2010',
    'é',
    '1.',
    ', ',
  ].flatMap((letter) =>
    ['', '1'].map((begin): [string, LongValue] => [
      `the text ${JSON.stringify(begin)} and many ${JSON.stringify(letter)}`,
      (size) => JSON.stringify(`${begin}${letter.repeat(size / letter.length)}x`),
    ]),
  ),
);

const repeated = (value: string) => (size: number) =>
  `[${Array(Math.ceil(size / value.length))
    .fill(value)
    .join(',')}]`;

/** Values of every kind that a vendor may send, each of the given length. */
export const LONG_VALUES: Readonly<Record<string, LongValue>> = {
  ...LONG_NUMBERS,
  ...Object.fromEntries(
    Object.entries(LONG_NUMBERS).map(([name, value]) => [`${name}, as text`, (size: number) => `"${value(size)}"`]),
  ),
  ...LONG_TEXTS,
  'text that looks like a marked number': (size) => JSON.stringify(`\u0000number ${'1'.repeat(size)}`),
  'many numbers of 20 digits': repeated('12345678901234567890'),
  'many numbers below any double': repeated('1e-400'),
  'many numbers with a long fraction': repeated(`0.${'3'.repeat(200)}`),
  'many texts of digits': repeated('"12345678901234567890"'),
  'a number of many digits, nested': (size) => `[{"a":[{"b":${'7'.repeat(size)}}]}]`,
};
