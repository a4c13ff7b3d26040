import type { JsonObject } from './json-text.ts';
import type { SimRecord } from './ledger.ts';
import type { Sortable } from './sorted-list.ts';
import type { World } from './world.ts';

/** A call as Zudu holds it. */
export interface ZuduCall extends Sortable {
  readonly record: SimRecord;
  readonly fields: JsonObject;
  readonly createdMs: number;
}

/** Zudu's side of the world. */
export interface ZuduWorld {
  readonly world: World;
  /** Calls that are listed, ascending. */
  readonly calls: ZuduCall[];
  arrive(label: string): void;
}
