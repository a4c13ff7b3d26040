import { describe, expect, test } from 'vitest';
import { readExtractEnv, readMaintainEnv, readWarehouseEnv } from '../../../../functions/aws/lambda/lambda-env.ts';

const COMMON = {
  CALLHOUSE_STAGE: 'dev',
  CALLHOUSE_BUCKET: 'lake',
  CALLHOUSE_WORKGROUP: 'callhouse-dev-etl',
  CALLHOUSE_SETTINGS: '{"timeLimit":"13m"}',
};
const EXTRACT = {
  ...COMMON,
  CALLHOUSE_SOURCE: 'kalem',
  CALLHOUSE_ACCOUNT: 'default',
  CALLHOUSE_SECRET: 'callhouse/dev/kalem/default',
  CALLHOUSE_HASH_SECRET: 'callhouse/dev/hash-key',
  CALLHOUSE_ERASURE_SECRET: 'callhouse/dev/erasure-key',
};

describe('readExtractEnv', () => {
  test('returns the deployed settings', () => {
    expect(readExtractEnv(EXTRACT)).toMatchObject({
      bucket: 'lake',
      databasePrefix: 'callhouse',
      source: 'kalem',
      hashSecret: 'callhouse/dev/hash-key',
      erasureSecret: 'callhouse/dev/erasure-key',
      settings: { timeLimit: '13m', timeZone: 'UTC' },
    });
  });

  test('names every missing variable', () => {
    const { CALLHOUSE_BUCKET: _, CALLHOUSE_SECRET: __, ...rest } = EXTRACT;
    expect(() => readExtractEnv(rest)).toThrow(/^CALLHOUSE_BUCKET is not set; CALLHOUSE_SECRET is not set; deploy/);
  });

  test.each([
    ['CALLHOUSE_SETTINGS', '{', /CALLHOUSE_SETTINGS: expected JSON/],
    ['CALLHOUSE_SETTINGS', '{"timeLimit":"soon"}', /CALLHOUSE_SETTINGS: timeLimit: /],
    ['CALLHOUSE_STAGE', '', /CALLHOUSE_STAGE: /],
  ])('names %s if its value is %j', (name, value, message) => {
    const read = () => readExtractEnv({ ...EXTRACT, [name]: value });
    expect(read).toThrow(message);
    expect(read).toThrow(expect.objectContaining({ name: 'ConfigError', exitCode: 2 }));
  });
});

describe('readWarehouseEnv', () => {
  test('returns the accounts by source', () => {
    const env = readWarehouseEnv({
      ...COMMON,
      CALLHOUSE_DATABASE: 'clinic',
      CALLHOUSE_SOURCES: '{"kalem":["default"]}',
    });
    expect(env).toMatchObject({ databasePrefix: 'clinic', sources: { kalem: ['default'] } });
  });

  test('names the wrong entry', () => {
    expect(() => readWarehouseEnv({ ...COMMON, CALLHOUSE_SOURCES: '{"kalem":[]}' })).toThrow(
      /CALLHOUSE_SOURCES\.kalem: /,
    );
  });
});

describe('readMaintainEnv', () => {
  const MAINTAIN = { ...COMMON, CALLHOUSE_SOURCES: '{"kalem":["default"]}' };

  test('returns how long staged files are kept, and names the variable if it is missing or no number', () => {
    expect(readMaintainEnv({ ...MAINTAIN, CALLHOUSE_STAGING_DAYS: '45' })).toMatchObject({ stagingDays: 45 });
    expect(() => readMaintainEnv(MAINTAIN)).toThrow(/CALLHOUSE_STAGING_DAYS is not set/);
    expect(() => readMaintainEnv({ ...MAINTAIN, CALLHOUSE_STAGING_DAYS: 'long' })).toThrow(/CALLHOUSE_STAGING_DAYS: /);
  });
});
