import type { Simulators, Vendor } from '../../../local/simulators/start-simulators.ts';

/** What a simulator answered. */
export interface Answer {
  readonly status: number;
  readonly text: string;
  readonly headers: Headers;
}

/** Credentials of a vendor as request headers. */
export function headersOf({ env }: Simulators, vendor: Vendor): Record<string, string> {
  const headers: Record<Vendor, Record<string, string | undefined>> = {
    kismet: { 'X-Client-ID': env['KISMET_CLIENT_ID'], 'X-Client-Secret': env['KISMET_CLIENT_SECRET'] },
    solum: { 'X-API-Key': env['SOLUM_API_KEY'] },
    zudu: { 'X-API-KEY': env['ZUDU_API_KEY'], 'X-API-SECRET': env['ZUDU_API_SECRET'] },
    kalem: { Authorization: `Bearer ${env['KALEM_API_TOKEN']}`, Accept: 'application/json' },
  };
  return headers[vendor] as Record<string, string>;
}

/** Asks a vendor for a path; `init` adds to the request. */
export async function ask(sims: Simulators, vendor: Vendor, path: string, init: RequestInit = {}): Promise<Answer> {
  const headers = { ...headersOf(sims, vendor), ...(init.headers as Record<string, string> | undefined) };
  const response = await fetch(`${sims.urls[vendor]}${path}`, { ...init, headers });
  return { status: response.status, text: await response.text(), headers: response.headers };
}

/** Asks for JSON; tests look into it freely. */
export async function askJson<T>(sims: Simulators, vendor: Vendor, path: string, init?: RequestInit): Promise<T> {
  const { text } = await ask(sims, vendor, path, init);
  return JSON.parse(text) as T;
}

/** Body of Zudu's list. */
export interface ZuduList {
  readonly status: string;
  readonly data: {
    readonly calls: readonly Readonly<Record<string, unknown>>[];
    readonly pagination: Readonly<Record<string, number | boolean>>;
    readonly returned_count: number;
    readonly sort_by: string;
    readonly sort_order: string;
    readonly applied_filters: Readonly<Record<string, unknown>>;
  };
}

/** Zudu's documented list by POST. */
export async function postZudu(sims: Simulators, body: object): Promise<ZuduList> {
  const init = { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } };
  return askJson<ZuduList>(sims, 'zudu', '/api/calls', init);
}
