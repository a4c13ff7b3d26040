import { readFileSync } from 'node:fs';
import { Template } from 'aws-cdk-lib/assertions';
import { describe, expect, test } from 'vitest';
import { makeStage, ofType, pick, resourcesOf } from '../helpers/infra.ts';

const read = (file: string) => readFileSync(new URL(`../../${file}`, import.meta.url), 'utf8');
const anchorsOf = (text: string) =>
  [...text.matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^a-z0-9 -]/g, '')
      .replaceAll(' ', '-'),
  );

describe('docs/operations.md', () => {
  test('has a runbook for every alarm, under the heading that the alarm names', async () => {
    const { stacks } = await makeStage();
    const anchors = anchorsOf(read('docs/operations.md'));
    const alarms = ofType(resourcesOf(stacks.ops), 'AWS::CloudWatch::Alarm');
    expect(alarms.length).toBeGreaterThan(8);
    for (const [, { Properties: of }] of alarms) {
      const name = /docs\/operations\.md, (\S+)$/.exec(String(of['AlarmDescription']))?.[1];
      expect(anchors).toContain(name);
    }
  });

  test.each(['docs/aws.md', 'docs/operations.md'])('every link in %s has a target', (file) => {
    for (const [, path = '', anchor] of read(file).matchAll(/\]\(([a-z]+\.md)?(?:#([a-z0-9-]+))?\)/g)) {
      const text = read(path ? `docs/${path}` : file);
      if (anchor !== undefined) expect(anchorsOf(text)).toContain(anchor);
    }
  });
});

test('replaced parts of digests are kept for three days, and other old versions as long as the stage says', async () => {
  const { stacks } = await makeStage();
  const [, lake] = ofType(resourcesOf(stacks.data), 'AWS::S3::Bucket').find(([id]) => id.startsWith('Lake')) ?? [];
  type Rule = { Prefix?: string; NoncurrentVersionExpiration?: { NoncurrentDays?: number } };
  const rules = pick<Rule[]>(lake, 'Properties.LifecycleConfiguration.Rules');
  const daysOf = (prefix?: string) =>
    rules.find(({ Prefix, NoncurrentVersionExpiration }) => Prefix === prefix && NoncurrentVersionExpiration)
      ?.NoncurrentVersionExpiration?.NoncurrentDays;
  expect([daysOf('digests/'), daysOf()]).toEqual([3, 7]);
});

test.each(['docs/aws.md', 'docs/operations.md', 'README.md'])(
  '%s invokes no Lambda by a command that gives up and invokes it again',
  (file) => {
    for (const [command] of read(file).matchAll(/aws lambda invoke [^`\n]*/g))
      expect(command).toMatch(/--cli-read-timeout 900|--invocation-type Event/);
  },
);

describe('docs/aws.md', () => {
  test('shows only outputs that the data stack has', async () => {
    const { stacks } = await makeStage();
    const outputs = Object.keys(Template.fromStack(stacks.data).toJSON()['Outputs']);
    const shown = [...read('docs/aws.md').matchAll(/^([A-Z]\w+) {2,}(?:callhouse|s3:|arn:|eu-)/gm)].map(
      ([, name]) => name,
    );
    expect(shown.length).toBeGreaterThan(9);
    expect(outputs).toEqual(expect.arrayContaining(shown));
  });
});

test('the extractor of a source gets that source’s settings', async () => {
  const zudu = { optOutWhenAbsent: false, historyStart: '2026-01-01' };
  const { stacks } = await makeStage({ sources: { zudu } });
  const functions = ofType(resourcesOf(stacks.pipeline), 'AWS::Lambda::Function');
  const settings = functions.map(([, { Properties }]) =>
    JSON.parse(pick<string>(Properties, 'Environment.Variables.CALLHOUSE_SETTINGS')),
  );
  expect(settings.map(({ sources }) => sources)).toContainEqual({ zudu: expect.objectContaining(zudu) });
});

test('call_access_log leaves out reads by the users in ownUserIds', async () => {
  const { stacks } = await makeStage({ sources: { kismet: { ownUserIds: ['4711'] } } });
  const views = ofType(resourcesOf(stacks.data), 'AWS::Glue::Table').map(([, { Properties: of }]) => of['TableInput']);
  const found = views.find((view) => (view as { Name?: string } | undefined)?.Name === 'call_access_log');
  const text = /Presto View: (\S+) \*/.exec(String((found as { ViewOriginalText?: string }).ViewOriginalText))?.[1];
  expect(Buffer.from(text ?? '', 'base64').toString()).toContain("l.user_id NOT IN ('4711')");
});
