import { describe, expect, test } from 'vitest';
import config from '../../callhouse.config.ts';
import { ConfigError } from '../../functions/errors.ts';
import { parseConfig, pipelineSettings, type SourceInfo } from '../../infra/config.ts';

const sources: readonly SourceInfo[] = ['kalem', 'solum'].map((name) => ({
  name,
  credentials: ['TOKEN'],
  streams: {},
}));
const parse = (stage: object, env = {}) =>
  parseConfig({ stages: { dev: { sources: { kalem: {}, solum: {} }, ...stage } } }, sources, env)['dev'];

describe('parseConfig', () => {
  test('a stage without further settings extracts the default account of each source that it names', () => {
    expect(parse({})).toMatchObject({
      sources: { kalem: { accounts: ['default'] }, solum: { accounts: ['default'] } },
      databasePrefix: 'callhouse',
      timeLimit: '13m',
      retention: { rawDays: 365, stagingDays: 30 },
      removalPolicy: 'retain',
    });
  });

  test('a stage that names sources extracts only these', () => {
    expect(Object.keys(parse({ sources: { solum: {} } })?.sources ?? {})).toEqual(['solum']);
  });

  test('a stage that names no source is refused, so that no stage deploys a source unasked', () => {
    for (const stage of [{}, { sources: {} }])
      expect(() => parseConfig({ stages: { dev: stage } }, sources)).toThrow(
        'stages.dev.sources names none; expected the sources to deploy, such as { kalem: {} }, of kalem, solum',
      );
  });

  test('an account that is named twice is extracted once', () => {
    expect(parse({ sources: { solum: { accounts: ['north', 'north'] } } })?.sources['solum']?.accounts).toEqual([
      'north',
    ]);
  });

  test('a base URL in the environment overrides the setting', () => {
    const stage = { sources: { kalem: { baseUrl: 'https://a.example/' } } };
    expect(parse(stage)?.sources['kalem']?.baseUrl).toBe('https://a.example');
    expect(parse(stage, { KALEM_BASE_URL: 'http://127.0.0.1:9000/x' })?.sources['kalem']?.baseUrl).toBe(
      'http://127.0.0.1:9000/x',
    );
  });

  test('an address of tokens in the environment overrides the setting, and keeps the names of credentials in it', () => {
    const stage = { sources: { kalem: { tokenUrl: 'https://a.example/{KALEM_TENANT}/token' } } };
    expect(parse(stage)?.sources['kalem']?.tokenUrl).toBe('https://a.example/{KALEM_TENANT}/token');
    const env = { KALEM_TOKEN_URL: 'https://b.example/token' };
    expect(parse(stage, env)?.sources['kalem']?.tokenUrl).toBe('https://b.example/token');
    expect(() => parse(stage, { KALEM_TOKEN_URL: 'http://b.example/token' })).toThrow('KALEM_TOKEN_URL is not https');
  });

  describe('databases of two stages', () => {
    const parseTwo = (dev: object, prod: object, env = {}) =>
      parseConfig({ stages: { dev: { ...named, ...dev }, prod: { ...named, ...prod } } }, sources, env);
    const named = { sources: { kalem: {} } };
    const [here, there] = ['111122223333', '444455556666'];

    test.each([
      ['neither names an account', {}, {}, {}],
      ['one is a part of the other', {}, { databasePrefix: 'callhouse_phi' }, {}],
      ['one names the account of the CLI', {}, { awsAccount: here }, { CDK_DEFAULT_ACCOUNT: here }],
    ])('are refused if %s', (_, dev, prod, env) => {
      expect(() => parseTwo(dev, prod, env)).toThrow(
        /the stages dev and prod would both have the database callhouse\w* in the same AWS account and region; give prod another databasePrefix/,
      );
    });

    test.each([
      ['have other prefixes', {}, { databasePrefix: 'callhouse_prod' }],
      ['are in other accounts', { awsAccount: here }, { awsAccount: there }],
      ['are in other regions', { region: 'eu-central-1' }, { region: 'us-east-1' }],
    ])('may %s', (_, dev, prod) => {
      expect(Object.keys(parseTwo(dev, prod))).toEqual(['dev', 'prod']);
    });

    test('on this machine are not those of a stage', () => {
      expect(Object.keys(parseConfig({ stages: { dev: named, local: named } }, sources))).toEqual(['dev', 'local']);
    });
  });

  describe('the shipped file', () => {
    const stages = parseConfig(
      config,
      ['kalem', 'kismet', 'solum', 'zudu'].map((name) => ({ ...sources[0], name })) as SourceInfo[],
    );

    test('keeps the data of every stage but sandbox, and uses the default databases for dev', () => {
      expect(Object.entries(stages).map(([stage, { removalPolicy }]) => [stage, removalPolicy])).toEqual([
        ['dev', 'retain'],
        ['prod', 'retain'],
        ['sandbox', 'destroy'],
      ]);
      expect(stages['dev']?.databasePrefix).toBe('callhouse');
    });
  });

  test.each([
    {
      says: 'a number out of range',
      stage: { retention: { rawDays: 0 } },
      message: 'stages.dev.retention.rawDays is 0; expected a whole number from 1 to 3650',
    },
    {
      says: 'a word that is not in the list',
      stage: { removalPolicy: 'keep' },
      message: 'stages.dev.removalPolicy is "keep"; Invalid option: expected one of "retain"|"destroy"',
    },
    {
      says: 'a duration out of range',
      stage: { timeLimit: '20m' },
      message: 'stages.dev.timeLimit is "20m"; expected a duration from 1m to 14m, such as 15m, 6h or 3d',
    },
    {
      says: 'a number of days that log groups do not support',
      stage: { retention: { logDays: 8 } },
      message: 'stages.dev.retention.logDays is 8; expected one of 7, 14, 30',
    },
    {
      says: 'an unknown setting',
      stage: { alarms: { mail: 'a' } },
      message: 'stages.dev.alarms.mail is not a setting (did you mean email?); expected one of email, staleAfter',
    },
    {
      says: 'an unknown source',
      stage: { sources: { kalm: {} } },
      message: 'stages.dev.sources.kalm: there is no such source (did you mean kalem?); expected one of kalem, solum',
    },
    {
      says: 'an unknown setting of a source',
      stage: { sources: { kalem: { rps: 1 } } },
      message: 'stages.dev.sources.kalem.rps is not a setting; expected one of accounts, baseUrl, tokenUrl, maxRps',
    },
    {
      says: 'an invalid setting of the pipeline',
      stage: { timeZone: 'Mars' },
      message: 'stages.dev.timeZone is "Mars"; expected an IANA time zone',
    },
  ])('the error for $says names the setting, its value and the accepted values', ({ stage, message }) => {
    expect(() => parse(stage)).toThrow(ConfigError);
    expect(() => parse(stage)).toThrow(message);
  });

  test('one error names all wrong settings', () => {
    const wrong = { retention: { rawDays: 0 }, schedules: { extract: 'often' }, databasePrefix: 'Call' };
    expect(() => parse(wrong)).toThrow(
      /retention\.rawDays is.*; stages\.dev\.databasePrefix is.*; stages\.dev\.schedules\.extract is[^;]*; expected[^;]*$/s,
    );
  });

  test('an error does not quote a base URL, because it may contain a credential', () => {
    expect(() => parse({ sources: { kalem: { baseUrl: 'https://me:s3cret@a.example' } } })).toThrow(
      /^(?!.*s3cret).*baseUrl/s,
    );
    expect(() => parse({ sources: { kalem: { baseUrl: 's3cret' } } })).toThrow(/^(?!.*s3cret).*baseUrl/s);
  });

  test('an account is refused if the name of its Lambda would be longer than 64 characters', () => {
    const stages = { productionxx: { sources: { kalem: { accounts: ['a'.repeat(31)] } } } };
    expect(() => parseConfig({ stages }, sources)).toThrow(
      'would have 68 characters; shorten the account so that it has at most 64',
    );
  });

  test('the name of a stage is refused unless every resource name made from it is valid', () => {
    expect(() => parseConfig({ stages: { 'My-Stage': {} } }, sources)).toThrow('expected a lower-case letter');
  });
});

describe('pipelineSettings', () => {
  test('contains the settings that the pipeline reads, limited to one source if it is named', () => {
    const settings = parse({ sources: { kalem: { maxRps: 5 }, solum: {} }, timeZone: 'America/New_York' });
    if (!settings) throw new Error('no stage');
    expect(pipelineSettings(settings, 'kalem')).toEqual({
      sources: { kalem: { accounts: ['default'], maxRps: 5 } },
      timeZone: 'America/New_York',
      onVendorRemoval: 'mark',
      parquetWriter: 'hyparquet',
      timeLimit: '13m',
    });
  });

  test('shares the rate of a source between its accounts, whose Lambdas run at the same time', () => {
    const settings = parse({ sources: { kalem: { maxRps: 5, accounts: ['north', 'south'] }, solum: {} } });
    if (!settings) throw new Error('no stage');
    expect(pipelineSettings(settings, 'kalem')).toMatchObject({ sources: { kalem: { maxRps: 2.5 } } });
    expect(pipelineSettings(settings, 'solum')).toMatchObject({ sources: { solum: { accounts: ['default'] } } });
  });
});
