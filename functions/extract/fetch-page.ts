import { RawNumber } from '../../schemas/json-text.ts';
import { ContractError } from '../errors.ts';
import type { Ask, Page, Way } from '../source.ts';
import { addressOf, type Run, warnOnce } from './run.ts';

/** A page as fetched: what it said, the parsed body it said it in, and the bytes. */
export interface FetchedPage extends Page {
  readonly body: unknown;
  readonly bytes: Buffer;
}

/** The way in use: the one kept in state, else the preferred. */
export function wayOf({ stream, progress }: Pick<Run, 'stream' | 'progress'>): Way {
  return stream.ways.find(({ name }) => name === progress.state.way) ?? stream.ways[0];
}

function nextWay(run: Pick<Run, 'stream' | 'progress'>): Way | undefined {
  return run.stream.ways[run.stream.ways.indexOf(wayOf(run)) + 1];
}

/** True where there is another way to ask than the one in use. */
export function hasNextWay(run: Pick<Run, 'stream' | 'progress'>): boolean {
  return nextWay(run) !== undefined;
}

/**
 * Takes the next way to ask, because the one in use does not move.
 * @throws ContractError when there is none left
 */
export function takeNextWay(run: Run, why: string): void {
  const { stream, progress, id } = run;
  const next = nextWay(run);
  if (!next)
    throw new ContractError(`${stream.path}: ${why}; the vendor's paging cannot be followed, no row was dropped`, id);
  progress.state = { ...progress.state, way: next.name };
  warnOnce(run, `${why}; going on with the vendor's list by ${next.method}`);
}

/** Asks for one page by the way in use. */
export async function fetchPage(run: Run, ask: Ask): Promise<FetchedPage> {
  const way = wayOf(run);
  const body = way.body?.(ask);
  const question = {
    method: way.method,
    path: run.stream.path,
    url: addressOf(run, ask.list, way.query(ask)),
    body: body === undefined ? undefined : JSON.stringify(body),
  };
  const answer = await run.client.ask(question, run.id, (json) => ({ ...run.stream.read(json, ask), body: json }));
  return { ...answer.value, bytes: answer.bytes };
}

/** Compares the order field of a record: an instant's ms, or undefined where it has none. */
export function orderValue(value: unknown, parse: (text: string) => number | undefined): number | undefined {
  if (typeof value === 'number') return value;
  if (typeof value === 'bigint') return Number(value);
  if (value instanceof RawNumber) return Number(value.text);
  return typeof value === 'string' ? parse(value) : undefined;
}
