import { createRandom, type Random } from './random.ts';
import type { FaultKind, FaultOptions } from './simulator-types.ts';
import type { Vendor } from './vendor.ts';

const DEFAULT_KINDS: readonly [FaultKind, ...FaultKind[]] = [
  'status500',
  'status502',
  'status503',
  'status429',
  'reset',
  'cut',
  'html200',
  'empty200',
  'zuduError200',
];

/** Decides, request by request, whether one goes wrong; a retry draws again. */
export interface FaultDraw {
  set(options: FaultOptions | undefined): void;
  /** @param address of the request: unless all answers go wrong, a client that tries it often enough gets through */
  draw(address: string): FaultKind | undefined;
}

/** Requests of one address that go wrong in a row. */
const MOST_IN_A_ROW = 5;

/** Creates a draw without faults; `set` turns them on. */
export function createFaultDraw(): FaultDraw {
  let rate = 0;
  let kinds: readonly FaultKind[] = DEFAULT_KINDS;
  let random: Random = createRandom(1, 'faults');
  const inARow = new Map<string, number>();
  return {
    set(options) {
      rate = options?.rate ?? 0;
      kinds = options?.kinds ?? DEFAULT_KINDS;
      random = createRandom(options?.seed ?? 1, 'faults');
      inARow.clear();
    },
    draw(address) {
      const before = inARow.get(address) ?? 0;
      const isWrong = random.chance(rate) && (rate >= 1 || before < MOST_IN_A_ROW);
      inARow.set(address, isWrong ? before + 1 : 0);
      return isWrong ? kinds[random.int(0, kinds.length - 1)] : undefined;
    },
  };
}

/** A complete answer that is wrong, as a proxy, a framework or a lenient API sends it. */
interface FaultAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: string;
}

/** The answer of a fault that has one; the others (`reset`, `cut`, `slow`) happen to the socket. */
export function answerFault(kind: FaultKind, vendor: Vendor): FaultAnswer | undefined {
  const html = (title: string): string => `<html><head><title>${title}</title></head><body>${title}</body></html>\n`;
  switch (kind) {
    case 'status500':
      return failAsVendor(vendor);
    case 'status502':
      return { status: 502, contentType: 'text/html', body: html('502 Bad Gateway') };
    case 'status503':
      return { status: 503, contentType: 'text/plain', body: 'upstream connect error' };
    case 'status429':
      return { status: 429, contentType: 'application/json', body: '{"message":"Rate limit exceeded"}' };
    case 'html200':
      return { status: 200, contentType: 'text/html; charset=utf-8', body: html('We will be right back') };
    case 'empty200':
      return { status: 200, contentType: 'application/json', body: '' };
    case 'zuduError200':
      return vendor === 'zudu' ? { ...failAsVendor('zudu'), status: 200 } : failAsVendor(vendor);
    default:
      return undefined;
  }
}

function failAsVendor(vendor: Vendor): FaultAnswer {
  const bodies: Record<Vendor, string> = {
    kismet: '{ "error": "Internal Server Error", }',
    solum: '{"detail":{"type":"server_error","code":"internal_error","message":"Something went wrong","param":null}}',
    zudu: '{"message":"Failed to retrieve calls","status":"error","error":"Database operation timed out"}',
    kalem: '{"message":"Server Error"}',
  };
  return { status: 500, contentType: 'application/json', body: bodies[vendor] };
}
