import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { toJsonText } from '../../schemas/json-text.ts';
import { StateError } from '../errors.ts';
import { parseJson } from '../http/lossless-json.ts';
import type { List } from '../source.ts';
import { dropSensitive } from './opt-out.ts';
import { type RawFrame, readFrames, writeFrame } from './raw-frames.ts';
import type { Run } from './run.ts';

const compress = promisify(gzip);
const expand = promisify(gunzip);

/** Rewrites one raw object without what is not kept of these records; one that holds none of them, or is expired, stays as it is. */
export async function purgeRaw(run: Run, key: string, keys: ReadonlySet<string>): Promise<void> {
  const { store } = run.ports;
  const body = await store.get(key);
  if (!body) return;
  const frames = [...readFrames(await expand(body).catch(() => damaged(run, key)))];
  let found = false;
  const kept = frames.map((frame) => {
    const text = purgeFrame(run, frame, keys);
    found ||= text !== undefined;
    return writeFrame(frame.context, text ?? frame.text);
  });
  if (found) await store.put(key, await compress(Buffer.concat(kept.flat()), { level: 1 }), { replace: true });
}

function purgeFrame(run: Run, { context, text }: RawFrame, keys: ReadonlySet<string>): string | undefined {
  if (![...keys].some((key) => text.includes(JSON.stringify(key).slice(1, -1)))) return undefined;
  const json = parseJson(text);
  const list: List = { id: context.list, context: {} };
  const { records } = run.stream.read(json, { list, page: context.page, size: run.stream.pageSize });
  let found = false;
  for (const record of records) {
    const flat = run.flatten(record, {
      context: {},
      exact: true,
      rejects: run.rejects,
      stickyKey: (by) => run.aliases.get(by),
    });
    if (!flat || !keys.has(flat.row.key)) continue;
    dropSensitive(record, run.stream.tables);
    found = true;
  }
  return found ? toJsonText(json) : undefined;
}

function damaged({ id, ports }: Run, key: string): never {
  throw new StateError(`${key} in ${ports.store.name} is damaged; restore or remove it`, id);
}
