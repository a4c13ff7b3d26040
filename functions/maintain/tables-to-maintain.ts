import { BOOKKEEPING_TABLES } from '../../schemas/bookkeeping.ts';
import { callVersions } from '../../schemas/call-versions.ts';
import { hasHistory } from '../../schemas/derive/versions.ts';
import type { LoadPlan } from '../load/plan.ts';
import { databasesIn } from './plan.ts';

/** A table of the warehouse. */
export interface TableName {
  readonly database: string;
  readonly name: string;
  /** Accounts that have rows in it, each in partitions of its own; none for bookkeeping, which has no partitions. */
  readonly accounts: readonly string[];
}

/** Every table that loads change, once: first the bookkeeping, which changes most often, then both twins of the accounts' tables, and versions. */
export function tablesToMaintain(plan: LoadPlan): readonly TableName[] {
  const { safe, phi } = databasesIn(plan);
  const tables = new Map<string, TableName>();
  const add = (table: TableName) => {
    const name = `${table.database}.${table.name}`;
    if (!tables.has(name)) tables.set(name, table);
  };
  for (const { name } of BOOKKEEPING_TABLES) add({ database: safe, name, accounts: [] });
  for (const { source, tables: own } of plan.streams) {
    const accounts = plan.accounts[source] ?? [];
    if (accounts.length === 0) continue;
    for (const { name } of own) for (const database of [phi, safe]) add({ database, name, accounts });
  }
  const withHistory = plan.streams.filter((stream) => stream.tables.some(hasHistory));
  const accounts = [...new Set(withHistory.flatMap(({ source }) => plan.accounts[source] ?? []))];
  if (accounts.length > 0) add({ database: safe, name: callVersions.name, accounts });
  return [...tables.values()];
}
