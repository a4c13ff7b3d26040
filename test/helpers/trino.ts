import type { QueryResult } from '../../functions/ports.ts';

/** What Trino answers to a statement, and to each request for more of its rows. */
interface Answer {
  readonly nextUri?: string;
  readonly columns?: readonly { readonly name: string }[];
  readonly data?: readonly (readonly unknown[])[];
  readonly error?: { readonly message: string; readonly errorName: string };
  readonly stats: { readonly physicalInputBytes: number };
}

/** The rows of a statement, and the bytes that Trino read from files for it. */
export interface TrinoResult extends QueryResult {
  readonly bytes: number;
}

/** Runs a statement on a Trino without authentication, in the schema callhouse of a catalog, by default of its tables in memory. Numbers of decimals and instants are text. @throws Error with Trino's message */
export async function askTrino(url: string, sql: string, catalog = 'memory'): Promise<TrinoResult> {
  const headers = {
    ...{ 'X-Trino-User': 'callhouse', 'X-Trino-Time-Zone': 'Asia/Tokyo' },
    ...{ 'X-Trino-Catalog': catalog, 'X-Trino-Schema': 'callhouse' },
  };
  let answer = await read(await fetch(`${url}/v1/statement`, { method: 'POST', headers, body: sql }));
  let columns = answer.columns;
  const rows: (readonly unknown[])[] = [...(answer.data ?? [])];
  while (answer.nextUri) {
    answer = await read(await fetch(answer.nextUri, { headers }));
    columns ??= answer.columns;
    rows.push(...(answer.data ?? []));
  }
  return {
    columns: (columns ?? []).map(({ name }) => name),
    rows: rows as QueryResult['rows'],
    bytes: answer.stats.physicalInputBytes,
  };
}

async function read(response: Response): Promise<Answer> {
  if (!response.ok) throw new Error(`Trino answered ${response.status}`);
  const answer = (await response.json()) as Answer;
  if (answer.error) throw new Error(`${answer.error.errorName}: ${answer.error.message}`);
  return answer;
}
