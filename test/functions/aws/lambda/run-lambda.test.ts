import { describe, expect, test } from 'vitest';
import { redact, runLambda } from '../../../../functions/aws/lambda/run-lambda.ts';

describe('runLambda', () => {
  const quiet = { emit: () => {}, log: () => {} };

  test('throws a result that says there is a bug', async () => {
    const result = { error: 'unexpected RangeError', exitCode: 1 as const };
    await expect(runLambda(async () => result, quiet)).rejects.toThrow('unexpected RangeError');
  });

  test('throws a bug without its text, with the class and the stack frames', async () => {
    const bug = runLambda(() => Promise.reject(new TypeError("cannot read 'Jane'")), quiet);
    await expect(bug).rejects.toThrow('unexpected TypeError; see the stack for where it happened, and report it');
    const { stack } = redact(new TypeError("cannot read 'Jane'"));
    expect(stack).toContain('run-lambda.test.ts');
    expect(stack).not.toContain('Jane');
  });
});
