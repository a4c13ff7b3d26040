import { StateError } from '../errors.ts';
import { parseJson } from '../http/lossless-json.ts';
import type { List } from '../source.ts';
import { dropSensitive, writeKept } from './opt-out.ts';
import { type RawFrame, readFrames, writeFrame } from './raw-frames.ts';
import { NO_REJECTS } from './rejects.ts';
import type { Run } from './run.ts';

/** Rewrites one raw object without what is not kept of these records; one that holds none of them, or is expired, stays as it is. */
export async function purgeRaw(run: Run, key: string, keys: ReadonlySet<string>): Promise<void> {
  const { store, codec } = run.ports;
  const body = await store.get(key);
  if (!body) return;
  const frames = [...readFrames(await codec.expand(body).catch(() => damaged(run, key)))];
  const kept = frames.map((frame) => purgeFrame(run, frame, keys));
  if (kept.every((page, n) => page === frames[n]?.body)) return;
  // A page that cannot be written again is not kept at all.
  const bytes = frames.flatMap(({ context }, n) => {
    const page = kept[n];
    return page === undefined ? [] : writeFrame(context, [page]);
  });
  await store.put(key, await codec.compress(Buffer.concat(bytes)), { replace: true });
}

/** The page without what is not kept of these records: the page itself where it holds none of them. */
function purgeFrame(run: Run, { context, body }: RawFrame, keys: ReadonlySet<string>): Buffer | undefined {
  if (![...keys].some((key) => mayHold(run, body, key))) return body;
  const json = parseJson(body.toString('utf8'));
  const list: List = { id: context.list, context: {} };
  const { records } = run.stream.read(json, { list, page: context.page, size: run.stream.pageSize });
  let found = false;
  for (const record of records) {
    const flat = run.flatten(record, {
      context: {},
      rejects: NO_REJECTS,
      stickyKey: (by) => run.aliases.get(by),
    });
    if (!flat || !keys.has(flat.row.key)) continue;
    dropSensitive(record, run.stream.tables);
    found = true;
  }
  if (!found) return body;
  const text = writeKept(json);
  return text === undefined ? undefined : Buffer.from(text);
}

/** A quick look; an id that JSON may spell in more than one way is looked for thoroughly. */
function mayHold({ digest }: Run, body: Buffer, key: string): boolean {
  const alias = digest.entries.get(key)?.a;
  return !/^[\w.:-]+$/.test(key) || body.includes(key) || (alias !== undefined && body.includes(alias));
}

function damaged({ id, ports }: Run, key: string): never {
  throw new StateError(`${key} in ${ports.store.name} is damaged; restore or remove it`, id);
}
