import { createHash } from 'node:crypto';
import type { Databases } from '../../schemas/derive/databases.ts';
import type { Commit } from '../lake/commit.ts';
import type { Engine } from '../ports.ts';

/** The warehouse to load into. */
export interface Warehouse {
  /**
   * Identity under which the loader's progress is kept. It is also part of every statement's token, so that a new warehouse does not
   * join old statements.
   */
  readonly id: string;
  readonly databases: Databases;
}

/** A warehouse with the engine that holds it. */
export interface LoadTarget extends Warehouse {
  readonly engine: Engine;
  /** True for a commit whose staged rows were made again since they were loaded. */
  readonly isRewritten: (commit: Commit) => boolean;
}

/** Changes a table. Two loaders that send the same statement at the same time share one execution, where the engine can do that. */
export function execute(sql: string, { engine, id }: Pick<LoadTarget, 'engine' | 'id'>): ReturnType<Engine['execute']> {
  const token = createHash('sha256').update(id).update('\n').update(sql).digest('hex');
  return engine.execute(sql, token);
}
