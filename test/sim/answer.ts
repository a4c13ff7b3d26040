import type { Fault, FaultKind } from './scenario.ts';
import { answerKalem } from './vendors/kalem.ts';
import { answerKismet } from './vendors/kismet.ts';
import { type Answered, type Asked, BeyondEnd } from './vendors/listing.ts';
import { answerNook } from './vendors/nook.ts';
import { answerSolum } from './vendors/solum.ts';
import { answerZudu } from './vendors/zudu.ts';
import type { World } from './world.ts';

const ANSWER: Readonly<Record<string, (world: World, asked: Asked) => Answered>> = {
  kalem: answerKalem,
  kismet: answerKismet,
  nook: answerNook,
  solum: answerSolum,
  zudu: answerZudu,
};

/** What the vendor answers; nothing if there is none of that name. */
export function answerOf(source: string, world: World, asked: Asked): Answered | undefined {
  try {
    return ANSWER[source]?.(world, asked);
  } catch (error) {
    if (error instanceof BeyondEnd) return { status: 404, json: { detail: 'Invalid page.' } };
    throw error;
  }
}

/** The part of the web's `Response` that the product reads. */
interface Served {
  readonly status: number;
  readonly headers: Headers;
  readonly body: AsyncIterable<Uint8Array>;
}

/** Finds the fault of each request by counting. */
export function faultCounter(faults: readonly Fault[] = []) {
  const counts = faults.map(() => 0);
  return (path: string): FaultKind | undefined => {
    let found: FaultKind | undefined;
    for (const [at, fault] of faults.entries()) {
      if (fault.path !== undefined && !path.includes(fault.path)) continue;
      const count = (counts[at] ?? 0) + 1;
      counts[at] = count;
      if (count >= fault.n && count < fault.n + (fault.times ?? 1)) found ??= fault.what;
    }
    return found;
  };
}

const TWISTS = ['empty', 'short', 'repeat', 'echo0', 'ends'] as const;

/** The change that a fault makes to the content only. */
export const twistOf = (fault: FaultKind | undefined) => TWISTS.find((twist) => twist === fault);

/** The vendor's answer, with the fault of its transport. */
export function serve({ status, json }: Answered, fault: FaultKind | undefined): Served {
  if (fault === 'html') return response(200, '<html><body>Bad gateway</body></html>');
  if (fault === 'error') return response(200, '{"status":"error","error":"try again","data":null}');
  if (fault === '429') return response(429, '{}', { 'retry-after': '2' });
  if (fault !== undefined && /^\d/.test(fault)) return response(Number(fault), '{}');
  const text = JSON.stringify(json);
  return fault === 'torn' ? response(status, text.slice(0, text.length >> 1)) : response(status, text);
}

function response(status: number, text: string, headers: Readonly<Record<string, string>> = {}): Served {
  return {
    status,
    headers: new Headers(headers),
    body: (async function* () {
      yield Buffer.from(text);
    })(),
  };
}
