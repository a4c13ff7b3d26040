import {
  callSummary,
  conversation,
  hugeInteger,
  personName,
  sometimesNull,
  transcriptText,
  type Utterance,
} from './content.ts';
import type { Json, JsonObject } from './json-text.ts';
import type { Random } from './random.ts';
import type { SimulatorOptions } from './simulator-types.ts';

/** How long the conversations of a world are. */
type TranscriptStyle = NonNullable<SimulatorOptions['transcripts']>;

/** What was said in a call, in the three forms Zudu gives. */
interface Spoken {
  readonly transcript: Json;
  readonly transcript_object: Json;
  readonly transcript_with_tool_calls: Json;
}

/** A call's conversation. */
export function speak(random: Random, style: TranscriptStyle): Spoken {
  if (style === 'nested') return speakNested(random);
  const turns = style === 'short' ? random.int(1, 3) : random.chance(0.02) ? 1100 : random.int(2, 14);
  const said = conversation(random, turns, false);
  return {
    transcript: sometimesNull(random, 0.03, transcriptText(said)),
    transcript_object: sometimesNull(random, 0.05, said.map(writeTurn)),
    transcript_with_tool_calls: random.chance(0.4) && turns < 100 ? withTools(random, said.map(writeTurn)) : [],
  };
}

/** About 3 kB of JSON, nested as deep as the real ones: words with times inside turns. */
function speakNested(random: Random): Spoken {
  const said = conversation(random, 12, true);
  let clock = 0.1;
  const turns = said.slice(0, 6).map((turn) => {
    const words = turn.content.split(' ').map((word) => {
      clock += random.int(20, 400) / 1000;
      return { word, start: clock, end: clock + 0.2 };
    });
    return { role: turn.role, content: turn.content, words, metadata: { response_id: random.int(1, 99) } };
  });
  const plain = said.slice(0, 5).map(writeTurn);
  return {
    transcript: transcriptText(said),
    transcript_object: turns,
    transcript_with_tool_calls: withTools(random, plain),
  };
}

function writeTurn(turn: Utterance): JsonObject {
  return { role: turn.role, content: turn.content };
}

function withTools(random: Random, turns: readonly JsonObject[]): Json {
  const id = `tool_${random.hex(8)}`;
  const asked = {
    role: 'tool_call_invocation',
    tool_call_id: id,
    name: 'book_slot',
    arguments: '{"day":"2026-11-05"}',
  };
  const answered = { role: 'tool_call_result', tool_call_id: id, content: '{"ok":true,"slot":null}', successful: true };
  return [...turns.slice(0, 2), asked, answered, ...turns.slice(2)];
}

/** What happened in a call, with the times in ms. */
export function callEvents(random: Random, startMs: number, endMs: number): Json {
  const transfer = {
    type: 'transfer',
    timestamp: startMs + 1000,
    to: personName(random),
    meta: { legs: [1, 2], ok: null },
  };
  const all = [{ type: 'call_started', timestamp: startMs }, transfer, { type: 'call_ended', timestamp: endMs }];
  return random.chance(0.3) ? all : random.chance(0.5) ? [] : [all[0] ?? null, all[2] ?? null];
}

/** What the caller's system attached to a call. */
export function callMetadata(random: Random): JsonObject | null {
  if (random.chance(0.06)) return null;
  const metadata: JsonObject = {};
  if (random.chance(0.8)) metadata['customer_id'] = sometimesNull(random, 0.05, `cust-${random.int(1, 400)}`);
  if (random.chance(0.5)) metadata['priority'] = random.pick(['high', 'normal', 'low', null]);
  if (random.chance(0.4)) metadata['campaign'] = random.pick(['recall-2026', 'flu “shots”', 'añonuevo', 'no-show']);
  if (random.chance(0.3)) metadata['batch_call_id'] = `batch-${random.int(1, 9)}`;
  if (random.chance(0.15)) metadata['ehr_ref'] = hugeInteger(random);
  if (random.chance(0.15)) metadata['contact'] = { name: personName(random), tags: ['a', 1.5, null, [true]], deep: {} };
  if (random.chance(0.1)) metadata['scheduled_timestamp'] = 1_793_523_600;
  return metadata;
}

/** Round-trip times of a call in ms; sums of tenths, as floating point gives them. */
export function callLatency(random: Random): Json {
  if (random.chance(0.08)) return random.chance(0.5) ? null : {};
  const values = Array.from({ length: random.int(0, 6) }, () => 80.1 + random.int(0, 4000) * 0.1);
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number): Json => sorted[Math.floor(share * (sorted.length - 1))] ?? null;
  const num = random.chance(0.04) ? hugeInteger(random) : values.length;
  const spread = { max: at(1), min: at(0), num, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
  if (random.chance(0.1)) return { e2e: spread };
  return { e2e: { ...spread, values } };
}

/** What the vendor's model thinks of a call. */
export function callAnalysis(random: Random): JsonObject {
  return {
    call_successful: sometimesNull(random, 0.05, random.chance(0.7)),
    call_summary: sometimesNull(random, 0.05, callSummary(random)),
    user_sentiment: random.pick(['Positive', 'Neutral', 'Negative', 'Unknown', null]),
    in_voicemail: sometimesNull(random, 0.05, random.chance(0.1)),
  };
}

/** Prices are doubles: cents, many digits, now and then a credit. */
export function price(random: Random): number {
  if (random.chance(0.05)) return 0.1234565;
  if (random.chance(0.05)) return -0.017;
  if (random.chance(0.1)) return random.int(1, 99_999_999) / 10_000_000;
  return random.int(1, 400) / 100;
}
