import { expect, test } from 'vitest';
import { findSource } from '../../../../functions/source/registry.ts';
import { describeHidden } from '../../../../local/commands/run/describe-run.ts';

test('the output names each column with hidden texts, and how to show them', async () => {
  const sources = [await findSource('solum'), await findSource('kismet')];
  expect(describeHidden({ 'solum_calls.language': 12, 'kismet_calls.state': 1 }, sources)).toEqual([
    'solum_calls.language: 12 values hidden; see callhouse_phi, release with safeValues',
    'kismet_calls.state: 1 value hidden; see callhouse_phi, release with safeValues',
  ]);
  expect(describeHidden(undefined, sources)).toEqual([]);
});

test('no setting is named that shows a part of a key, because there is none', async () => {
  const sources = [await findSource('solum'), await findSource('kismet')];
  expect(describeHidden({ 'solum_calls.id': 1, 'kismet_call_audit_changes.field': 6 }, sources)).toEqual([
    'solum_calls.id: 1 value of a key replaced by a hash; see $key in _extra of callhouse_phi',
    'kismet_call_audit_changes.field: 6 values of a key replaced by a hash; see $key in _extra of callhouse_phi',
  ]);
});
