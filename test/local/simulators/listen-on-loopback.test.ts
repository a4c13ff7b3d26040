import { createServer } from 'node:http';
import { expect, onTestFinished, test } from 'vitest';
import { listenOnLoopback } from '../../../local/simulators/listen-on-loopback.ts';

test('close ends a connection that is still waiting for its answer', async () => {
  let arrived = () => {};
  const waiting = new Promise<void>((resolve) => {
    arrived = resolve;
  });
  const { url, close } = await listenOnLoopback(createServer(() => arrived()));
  const answer = fetch(url).then(
    () => 'answered',
    () => 'cut',
  );
  await waiting;
  await close();
  expect(await answer).toBe('cut');
});

test('a port that is taken is an error with a code', async () => {
  const { url, close } = await listenOnLoopback(createServer());
  onTestFinished(close);
  const second = listenOnLoopback(createServer(), Number(new URL(url).port));
  await expect(second).rejects.toMatchObject({ code: 'EADDRINUSE' });
});
