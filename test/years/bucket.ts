import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { checkKey, checkPrefix } from '../../functions/object-key.ts';
import type { Store } from '../../functions/ports.ts';
import { DAY_MS } from '../../functions/time.ts';

/** A lifecycle rule, as the template of a bucket has it. */
export interface LifecycleRule {
  readonly Prefix?: string;
  readonly ExpirationInDays?: number;
  readonly NoncurrentVersionExpiration?: { readonly NoncurrentDays: number };
}

/** A version of an object, and since when it is what it is: current, or not, ms. */
interface Version {
  readonly body: Uint8Array;
  readonly since: number;
}

/** A versioned bucket with lifecycle rules and a clock of its own. */
export interface Bucket extends Store {
  /** Moves the clock to `at` (ms) and does what the rules ask for. @returns objects and old versions that expired */
  age(at: number): { readonly objects: number; readonly versions: number };
  /** Makes the last old version of an object current again. @throws if there is none */
  restore(key: string): Promise<void>;
  /** Number of objects below a prefix. */
  count(prefix: string): Promise<number>;
}

/**
 * Opens an empty bucket in memory. What is below `mirrored` is also a file, which DuckDB can read.
 * @param folder where those files are
 */
export function openBucket(rules: readonly LifecycleRule[], folder: string, mirrored: string, now: number): Bucket {
  const root: Node = { objects: new Map(), folders: new Map() };
  const old: { readonly key: string; readonly version: Version }[] = [];
  let clock = now;

  const remove = (key: string): boolean => {
    const [node, name] = locate(root, key);
    const version = node.objects.get(name);
    if (!version) return false;
    old.push({ key, version: { ...version, since: clock } });
    node.objects.delete(name);
    if (key.startsWith(mirrored)) rmSync(join(folder, key));
    return true;
  };
  const write = (key: string, body: Uint8Array) => {
    const [node, name] = locate(root, key);
    const version = node.objects.get(name);
    if (version) old.push({ key, version: { ...version, since: clock } });
    node.objects.set(name, { body, since: clock });
    if (!key.startsWith(mirrored)) return;
    mkdirSync(dirname(join(folder, key)), { recursive: true });
    writeFileSync(join(folder, key), body);
  };

  const store: Store = {
    name: 's3://lake',
    async get(key, range) {
      const [node, name] = locate(root, checkKey(key));
      const body = node.objects.get(name)?.body;
      return range ? body?.slice(range.from, Math.max(range.from, range.to)) : body;
    },
    async put(key, body, { replace = false } = {}) {
      const [node, name] = locate(root, checkKey(key));
      const held = node.objects.get(name)?.body;
      if (typeof replace === 'boolean' ? held && !replace : !held || Buffer.compare(held, replace) !== 0) return false;
      write(key, body);
      return true;
    },
    async *list(prefix, { after = '' } = {}) {
      yield* keysBelow(root, checkPrefix(prefix), after);
    },
    async delete(key) {
      remove(checkKey(key));
    },
  };
  return {
    ...store,
    age(at) {
      clock = at;
      const expired = [...allIn(root, '')].filter(([key, { since }]) => isOver(key, since, at, rules, expirationOf));
      for (const [key] of expired) remove(key);
      const kept = old.filter(({ key, version }) => !isOver(key, version.since, at, rules, noncurrentOf));
      const versions = old.length - kept.length;
      old.splice(0, old.length, ...kept);
      return { objects: expired.length, versions };
    },
    async restore(key) {
      const last = old.findLast((one) => one.key === key);
      if (!last) throw new Error(`no version of ${key} is left`);
      write(key, last.version.body);
    },
    async count(prefix) {
      return [...keysBelow(root, prefix, '')].length;
    },
  };
}

interface Node {
  readonly objects: Map<string, Version>;
  readonly folders: Map<string, Node>;
}

/** The folder of a key, made if it is missing, and the name in it. */
function locate(root: Node, key: string): readonly [Node, string] {
  const parts = key.split('/');
  const name = parts.pop() ?? '';
  let node = root;
  for (const part of parts) {
    const next: Node = node.folders.get(part) ?? { objects: new Map(), folders: new Map() };
    node.folders.set(part, next);
    node = next;
  }
  return [node, name];
}

function* keysBelow(root: Node, prefix: string, after: string): Generator<string> {
  const path = prefix.slice(0, prefix.lastIndexOf('/') + 1);
  yield* below(locate(root, path)[0], path, prefix, after);
}

/** Keys in byte order. */
function* below(node: Node, path: string, prefix: string, after: string): Generator<string> {
  const names = [...node.objects.keys(), ...[...node.folders.keys()].map((name) => `${name}/`)];
  const wanted = names.filter((name) => {
    const key = path + name;
    return key.startsWith(prefix) && (key > after || (name.endsWith('/') && after.startsWith(key)));
  });
  for (const name of wanted.sort()) {
    const folder = name.endsWith('/') ? node.folders.get(name.slice(0, -1)) : undefined;
    if (folder) yield* below(folder, path + name, prefix, after);
    else yield path + name;
  }
}

function* allIn(node: Node, path: string): Generator<readonly [key: string, version: Version]> {
  for (const [name, version] of node.objects) yield [path + name, version];
  for (const [name, folder] of node.folders) yield* allIn(folder, `${path}${name}/`);
}

function expirationOf(rule: LifecycleRule): number | undefined {
  return rule.ExpirationInDays;
}

function noncurrentOf(rule: LifecycleRule): number | undefined {
  return rule.NoncurrentVersionExpiration?.NoncurrentDays;
}

/** True if one of the rules ends it. S3 counts whole days. */
function isOver(
  key: string,
  since: number,
  at: number,
  rules: readonly LifecycleRule[],
  daysOf: (rule: LifecycleRule) => number | undefined,
): boolean {
  return rules.some((rule) => {
    const days = daysOf(rule);
    return days !== undefined && key.startsWith(rule.Prefix ?? '') && at - since > days * DAY_MS;
  });
}
