import { describe, expect, test } from 'vitest';
import { ContractError } from '../../../../functions/errors.ts';
import { readPartition } from '../../../../functions/extract/pages/pages.ts';
import { WHOLE_STREAM } from '../../../../functions/source/page.ts';
import type { Stream } from '../../../../functions/source/source.ts';
import { answer, readOne } from '../../../helpers/read-one.ts';
import { unitRead, unitSession } from '../../../helpers/session.ts';

describe('a page that repeats the page before it', () => {
  const page = answer(['a', 'b', 'c']);

  test('ends a list without an end signal and with another page size, and makes missing keys deletion candidates', async () => {
    const { outcome, asked, shown } = await readOne(() => page);
    expect(asked).toEqual(['all/1', 'all/2', 'all/2']);
    expect(shown).toHaveLength(1);
    expect(outcome).toMatchObject({ isClean: true });
    expect(outcome.scan?.endedByRepeat()).toBe(true);
  });

  test.each([
    { known: ['a', 'b', 'c'], isClean: true },
    { known: ['x', 'y', 'z'], isClean: true },
    { known: ['a', 'b', 'c', 'd'], isClean: false },
  ])(
    'makes missing keys deletion candidates unless fewer records were shown than are known ($known)',
    async ({ known, isClean }) => {
      const { outcome } = await readOne(() => page, { known });
      expect(outcome.isClean).toBe(isClean);
    },
  );

  test.each([
    { says: 'a full page', page: answer(['a', 'b']) },
    { says: 'a page with an end signal', page: answer(['a'], { more: true }) },
  ])('is a failure if it is $says, also when it is requested again', async ({ page: repeated }) => {
    const { outcome, asked } = await readOne(() => repeated);
    expect(asked).toEqual(['all/1', 'all/2', 'all/2']);
    expect(outcome.failure).toBeInstanceOf(ContractError);
    expect(outcome.failure?.message).toBe(
      'unit.calls: /calls: page 2 repeats the page before it, also when asked again; expected each page once and in order. ' +
        'What was read is kept; ask the vendor how this list pages',
    );
  });
});

describe('a stream with two request variants', () => {
  const stream: Partial<Stream> = {
    otherwise: [
      {
        name: 'post',
        ask: ({ page, partition }) => ({ query: { page, partition: partition.id }, body: { page } }),
      },
    ],
  };

  test('switches to the next variant if a page echoes another number, and begins again', async () => {
    const methods: string[] = [];
    const bodies: (string | undefined)[] = [];
    const { outcome, ports, session } = await readOne(
      ({ request, page }) => {
        methods.push(request.method);
        bodies.push(request.body);
        const ids = page < 2 ? ['k1', 'k2'] : ['k3'];
        return answer(ids, { more: page < 2, page: request.method === 'GET' ? 1 : page });
      },
      { stream },
    );
    expect(methods).toEqual(['GET', 'GET', 'GET', 'POST', 'POST']);
    expect(bodies).toEqual([undefined, undefined, undefined, '{"page":1}', '{"page":2}']);
    expect(outcome.isClean).toBe(true);
    expect(session.progress.state().variant).toBe('post');
    expect(ports.lines.map(({ message }) => message)).toEqual([
      'page 2 was requested and the answer says another page; continuing with request variant post',
    ]);
  });

  test('treats a repeated page as a fault if another variant is left', async () => {
    const page = answer(['a', 'b', 'c']);
    const { asked, outcome, session } = await readOne(() => page, { stream });
    expect(asked).toEqual(['all/1', 'all/2', 'all/2', 'all/1', 'all/2', 'all/2']);
    expect(session.progress.state().variant).toBe('post');
    expect(outcome.scan?.endedByRepeat()).toBe(true);
  });

  test('begins with the variant that worked last time, or with the first', async () => {
    for (const [known, method] of [
      ['post', 'POST'],
      ['get', 'GET'],
      ['no longer declared', 'GET'],
    ] as const) {
      const methods: string[] = [];
      const { session } = await unitSession({
        stream,
        answer: ({ request }) => {
          methods.push(request.method);
          return answer([], { more: false });
        },
      });
      session.progress.updateState({ variant: known });
      await readPartition(session, unitRead(session), WHOLE_STREAM).next();
      expect({ known, methods }).toEqual({ known, methods: [method] });
    }
  });
});

describe('a read that is resumed', () => {
  const strategy = { startOf: () => ({ page: 3 }) };

  test('begins at its page if that page shows a known key, and yields no deletion candidates', async () => {
    const { asked, outcome } = await readOne([answer(['b'], { more: false, total: 9 })], {
      strategy,
      known: ['b'],
    });
    expect(asked).toEqual(['all/3']);
    expect(outcome).toMatchObject({ isShort: false, isClean: false });
    const withoutTotal = await readOne([answer(['b'], { more: false })], { strategy, known: ['b'] });
    expect(withoutTotal.outcome.isClean).toBe(false);
  });

  test('begins at the first page if its page shows no known key', async () => {
    const { asked, shown } = await readOne(({ page }) => answer(page < 2 ? ['k1', 'k2'] : ['k3'], { more: page < 2 }), {
      strategy,
      known: ['other'],
    });
    expect(asked).toEqual(['all/3', 'all/1', 'all/2']);
    expect(shown).toEqual([['k1', 'k2'], ['k3']]);
  });

  test('is compared with the total as any other, once it has begun at the first page', async () => {
    const { outcome } = await readOne(({ page }) => answer(page < 2 ? ['k1'] : [], { more: false, total: 3 }), {
      strategy,
      known: ['other'],
    });
    expect(outcome).toMatchObject({ isShort: true, shortList: { name: 'ShortListError' } });
    const whole = await readOne(() => answer(['k1'], { more: false, total: 1 }), { strategy, known: ['other'] });
    expect(whole.outcome).toMatchObject({ isShort: false, isClean: true });
  });

  test('does not begin before the first page of the list', async () => {
    const { asked } = await readOne([answer(['a'], { more: false })], { strategy: { startOf: () => ({ page: 0 }) } });
    expect(asked).toEqual(['all/1']);
  });
});
