import type { MemoryStore } from '../../local/lake/memory-store.ts';
import { expandStored } from './expand-stored.ts';
import { makePorts } from './ports.ts';
import { runSource } from './run-source.ts';
import { ZUDU_ENV, type ZuduCall } from './zudu-server.ts';

/** The value of every field that must not be stored for an opted-out call. */
export const SECRET = 'kept-nowhere';
export const PLAIN = 'kept-here';

/** A Zudu call whose sensitive fields all contain `SECRET`. */
export function call(id: string, optOut: unknown, more: ZuduCall = {}): ZuduCall {
  return {
    id: `uuid-${id}`,
    call_id: id,
    call_status: 'ENDED',
    opt_out_sensitive_data_storage: optOut,
    start_timestamp: 1_761_987_600_000,
    recording_url: `https://x/${SECRET}.mp4?sig=1`,
    public_log_url: `https://x/${SECRET}`,
    events: [{ text: SECRET }],
    transcript: `Hello ${SECRET}`,
    transcript_object: [{ content: SECRET }],
    transcript_with_tool_calls: [{ content: SECRET }],
    call_analysis: { call_summary: SECRET, user_sentiment: 'Positive', notes: SECRET },
    from_number: '+12025550100',
    metadata: {
      customer_id: SECRET,
      campaign: SECRET,
      batch_call_id: SECRET,
      priority: `as ${SECRET}`,
      order: 12345678901234567890n.toString(),
    },
    agent_id: PLAIN,
    organization_id: `of ${SECRET}`,
    latency: { e2e: { p50: 1.5 }, llm: SECRET },
    new_field: { deep: [SECRET] },
    ...more,
  };
}

/** Runs an extraction of Zudu at the given hour of a fixed day. */
export async function run(url: string, store: MemoryStore, hour = 9, pageSize?: number) {
  return runSource(
    'zudu',
    { at: `2026-11-01T${String(hour).padStart(2, '0')}:00:00Z`, url, pageSize },
    makePorts({ store, env: ZUDU_ENV }),
  );
}

/** The decompressed text of every object in the store, by key. */
export function texts({ objects }: MemoryStore): Map<string, string> {
  return new Map([...objects].map(([key, body]) => [key, expandStored(body).toString('utf8')]));
}

/** First path segments of the objects that contain the text. */
export const holding = (store: MemoryStore, text: string) =>
  [...texts(store)].filter(([, content]) => content.includes(text)).map(([key]) => key.split('/', 1)[0]);
