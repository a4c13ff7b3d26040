import { describe, expect, test } from 'vitest';
import { runInLanes, type Turn } from '../../../functions/load/lanes.ts';

interface Named extends Turn {
  readonly name: string;
  readonly left: number;
}

const turn = (name: string, since: number | undefined, more: Partial<Named> = {}): Named => ({
  ...{ name, since, changes: [name], left: 1 },
  ...more,
});

/** Takes the turns; a step ends in the next round of the event loop. @returns when each step began and ended */
async function play(turns: readonly Named[], lanes: number, stopAfter = Number.POSITIVE_INFINITY) {
  const events: string[] = [];
  let begun = 0;
  const step = async (one: Named) => {
    begun += 1;
    events.push(`+${one.name}`);
    await new Promise((resolve) => setImmediate(resolve));
    events.push(`-${one.name}`);
    return one.left > 1 ? { ...one, left: one.left - 1, since: (one.since ?? 0) + 10 } : undefined;
  };
  const rest = await runInLanes(turns, lanes, step, () => begun >= stopAfter);
  return { events: events.join(' '), rest: rest.map(({ name }) => name).join('') };
}

describe('runInLanes', () => {
  test('takes the turn that is furthest behind before each step, first of all one of unknown age', async () => {
    const turns = [turn('a', 3), turn('b', 1, { left: 2 }), turn('c', 2), turn('d', undefined)];
    expect(await play(turns, 1)).toEqual({ events: '+d -d +b -b +c -c +a -a +b -b', rest: '' });
  });

  test('runs as many steps at the same time as there are lanes', async () => {
    const turns = ['a', 'b', 'c'].map((name, since) => turn(name, since));
    expect((await play(turns, 2)).events).toBe('+a +b -a +c -b -c');
  });

  test('never runs two steps that change the same thing, and does not wait for it with a free lane', async () => {
    const turns = [turn('a', 1, { changes: ['x', 'y'] }), turn('b', 2, { changes: ['y'] }), turn('c', 3)];
    expect((await play(turns, 2)).events).toBe('+a +c -a +b -c -b');
  });

  test('begins no step once it is stopped, and says what is left', async () => {
    const turns = ['a', 'b', 'c'].map((name, since) => turn(name, since, { left: 2 }));
    expect(await play(turns, 2, 2)).toEqual({ events: '+a +b -a -b', rest: 'cab' });
  });

  test('throws the error of a step once the steps in progress have ended', async () => {
    let ended = 0;
    const step = async ({ name }: Named) => {
      await new Promise((resolve) => setTimeout(resolve, name === 'slow' ? 20 : 1));
      ended += 1;
      if (name === 'bad') throw new Error('a bug');
      return undefined;
    };
    await expect(runInLanes([turn('bad', 1), turn('slow', 2)], 2, step, () => false)).rejects.toThrow('a bug');
    expect(ended).toBe(2);
  });
});
