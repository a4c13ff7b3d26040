import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { emfMetrics } from '../../../../functions/aws/lambda/emf-metrics.ts';
import { powertoolsLog } from '../../../../functions/aws/lambda/powertools-log.ts';
import { captureOutput } from '../../../helpers/capture-output.ts';

let lines: readonly string[] = [];
beforeEach(() => {
  lines = captureOutput();
});
afterEach(() => {
  vi.restoreAllMocks();
});
const parsed = () => lines.filter((line) => line.startsWith('{')).map((line) => JSON.parse(line));

describe('powertoolsLog', () => {
  test('writes one JSON line with names and counts', () => {
    powertoolsLog({ source: 'kalem', account: 'north' })('info', 'stream done', { stream: 'calls', records: 3 });
    expect(parsed()).toEqual([
      expect.objectContaining({
        level: 'INFO',
        message: 'stream done',
        source: 'kalem',
        account: 'north',
        stream: 'calls',
        records: 3,
      }),
    ]);
  });

  test('drops fields that are not allowed, and texts too long to be names', () => {
    powertoolsLog()('warn', 'odd', { source: 'kalem', transcript: 'Jane', status: 'Jane '.repeat(50) });
    expect(parsed()[0]).toMatchObject({ source: 'kalem', withheld: 2 });
    expect(lines.join()).not.toContain('Jane');
  });
});

describe('emfMetrics', () => {
  test('writes each metric with exactly its dimensions', () => {
    const emit = emfMetrics('dev');
    emit('FreshnessMinutes', 15, { source: 'kalem', account: 'default' });
    emit('LoadFailures', 0);
    const [fresh, load] = parsed();
    expect(fresh).toMatchObject({ FreshnessMinutes: 15, stage: 'dev', source: 'kalem', account: 'default' });
    expect(fresh._aws.CloudWatchMetrics).toEqual([
      expect.objectContaining({ Namespace: 'Callhouse', Dimensions: [['stage', 'source', 'account']] }),
    ]);
    expect(load).toMatchObject({ LoadFailures: 0, stage: 'dev' });
    expect(load._aws.CloudWatchMetrics[0].Dimensions).toEqual([['stage']]);
  });
});
