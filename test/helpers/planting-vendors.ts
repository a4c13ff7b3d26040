import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { onTestFinished } from 'vitest';
import { listenOnLoopback } from '../../local/simulators/listen-on-loopback.ts';
import type { Simulators, Vendor } from '../../local/simulators/start-simulators.ts';
import { fastEnv } from './demo-vendors.ts';
import { forwardRequest } from './forward-request.ts';
import { plantIn, type Recipe, type Soil, type Texts, textsOf } from './planted-texts.ts';

/** Simulated vendors, each behind a server that puts generated texts into the records of its answers. */
export interface PlantingVendors {
  readonly env: Readonly<Record<string, string>>;
  readonly texts: Texts;
  /** From now on every answer is a refusal that repeats generated texts. */
  refuse(): void;
}

const VENDORS: readonly Vendor[] = ['kismet', 'solum', 'zudu', 'kalem'];

/** @param recipes what the texts are made of; each place of a record has one of its own */
export async function plantingVendors(
  { urls, ...simulators }: Simulators,
  recipes: readonly Recipe[],
): Promise<PlantingVendors> {
  const texts = textsOf(recipes);
  let refuses = false;
  const env: Record<string, string> = { ...fastEnv({ urls, ...simulators }) };
  for (const vendor of VENDORS) {
    const server = createServer((request, response) => {
      const answered = refuses ? refuse(vendor, texts, response) : forward(request, response, { urls, vendor, texts });
      Promise.resolve(answered).catch(() => response.destroy());
    });
    const { url, close } = await listenOnLoopback(server);
    onTestFinished(close);
    env[`${vendor.toUpperCase()}_BASE_URL`] = url;
  }
  return {
    env,
    texts,
    refuse: () => {
      refuses = true;
    },
  };
}

/** Where an answer comes from, and what is put into it. */
interface Route extends Pick<Simulators, 'urls'> {
  readonly vendor: Vendor;
  readonly texts: Texts;
}

async function forward(request: IncomingMessage, response: ServerResponse, { urls, vendor, texts }: Route) {
  const asked = await forwardRequest(request, `${urls[vendor]}${request.url}`);
  const body: unknown = await asked.json();
  for (const record of recordsIn(body)) plantIn(record, soilOf(vendor, request.url ?? '', record), texts);
  response.writeHead(asked.status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}

/** A refusal as each vendor may word it, with texts in values and names. */
function refuse(vendor: Vendor, texts: Texts, response: ServerResponse): void {
  const say = (place: string) => texts.at(`${vendor} refusal ${place}`, { isShown: false, isStored: false });
  const body = {
    [say('name')]: [say('value')],
    message: say('message'),
    error: { code: say('code'), detail: say('detail') },
    errors: { [say('field')]: [say('reason')] },
    parameter: say('parameter'),
  };
  response.writeHead(vendor === 'zudu' ? 422 : 400, say('status').replace(/[^ -~]/g, ''), {
    'content-type': 'application/json',
  });
  response.end(JSON.stringify(body));
}

type Fields = Record<string, unknown>;

/** The outermost objects with an id, wherever the vendor's envelope has them. */
function recordsIn(value: unknown): readonly Fields[] {
  if (typeof value !== 'object' || value === null) return [];
  if (Array.isArray(value)) return value.flatMap(recordsIn);
  const fields = value as Fields;
  return 'id' in fields || 'call_id' in fields ? [fields] : Object.values(fields).flatMap(recordsIn);
}

function soilOf(vendor: Vendor, url: string, { id, call_id: callId, ...fields }: Fields): Soil {
  const list = url.includes('/audit_logs') ? 'logs' : url.includes('/calls') ? 'calls' : 'users';
  return {
    list: `${vendor} ${list}`,
    id: String(callId ?? id),
    isStored: fields['opt_out_sensitive_data_storage'] !== true,
  };
}
