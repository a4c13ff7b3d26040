import { extractAccount } from '../../functions/extract/extract-account.ts';
import type { Tuning } from '../../functions/extract/tuning.ts';
import type { Store } from '../../functions/ports.ts';
import type { ExtractResult } from '../../functions/results.ts';
import { parseSettings, type SettingsInput } from '../../functions/settings.ts';
import { findSource } from '../../functions/source/registry.ts';
import type { Source, Stream } from '../../functions/source/source.ts';
import { makePorts, sharedHttp, type TestPorts } from './ports.ts';

type SourceInput = NonNullable<SettingsInput['sources']>[string];

/** Options of a run; the others have their defaults, and no test waits for the rate limit. */
export interface RunOptions extends SourceInput {
  readonly at: Date | string;
  readonly url: string;
  readonly streams?: readonly string[];
  readonly window?: { readonly from: Date; readonly to: Date };
  readonly onVendorRemoval?: 'mark' | 'blank';
  readonly account?: string;
  /** Records asked for per page, in place of the source's own. */
  readonly pageSize?: number | undefined;
  /** @default false */
  readonly isScheduled?: boolean;
  readonly tuning?: Partial<Tuning>;
}

/** One run of one source, as the handler runs it. */
export async function runSource(name: string, options: RunOptions, ports: TestPorts): Promise<ExtractResult> {
  const {
    at,
    url,
    streams,
    window,
    onVendorRemoval,
    account = 'default',
    pageSize,
    isScheduled,
    tuning,
    ...source
  } = options;
  const settings = parseSettings(
    { sources: { [name]: { maxRps: 1000, baseUrl: url, ...source } }, onVendorRemoval },
    'test',
  );
  const request = {
    account,
    at: new Date(at),
    settings,
    ...(isScheduled === undefined ? {} : { isScheduled }),
    ...(streams && { streams }),
    ...(window && { window }),
    ...(tuning && { tuning }),
  };
  return extractAccount(withPages(await findSource(name), pageSize), request, ports);
}

function withPages(source: Source, pageSize: number | undefined): Source {
  if (pageSize === undefined) return source;
  const streams = Object.entries(source.streams).map(([name, stream]): [string, Stream] => [
    name,
    stream.pageSize === 0 ? stream : { ...stream, pageSize, largestPage: pageSize },
  ]);
  return { ...source, streams: Object.fromEntries(streams) };
}

/** A run that is out of time after so many requests. */
export async function runFor(
  requests: number,
  name: string,
  options: RunOptions,
  store: Store,
  env: Record<string, string>,
) {
  let asked = 0;
  let looks = 0;
  const ports = makePorts({
    store,
    env,
    // The first look is for how much time is kept in reserve.
    remainingMs: () => {
      looks += 1;
      return looks > 1 && asked >= requests ? 0 : 1_000_000;
    },
    fetch: (...args) => {
      asked += 1;
      return sharedHttp(...args);
    },
  });
  return runSource(name, options, ports);
}

/** Totals of a run. */
export function totalsOf({ streams }: ExtractResult) {
  const sum = (of: 'requests' | 'records' | 'changed' | 'deleted' | 'rejected') =>
    streams.reduce((total, stream) => total + stream[of], 0);
  return {
    requests: sum('requests'),
    records: sum('records'),
    changed: sum('changed'),
    deleted: sum('deleted'),
    rejected: sum('rejected'),
  };
}
