import { readdir } from 'node:fs/promises';
import type { Table } from '../schemas/table.ts';

const FOLDER = new URL('../schemas/tables/', import.meta.url);

/** Every table that a file in `schemas/tables/` exports, by name. */
export async function allTables(): Promise<readonly Table[]> {
  const files = (await readdir(FOLDER)).filter((file) => file.endsWith('.ts'));
  const modules = await Promise.all(
    files.map((file): Promise<Record<string, unknown>> => import(new URL(file, FOLDER).href)),
  );
  return modules.flatMap((module) => Object.values(module).filter(isTable)).sort((a, b) => (a.name < b.name ? -1 : 1));
}

function isTable(value: unknown): value is Table {
  return typeof value === 'object' && value !== null && 'key' in value && 'columns' in value && 'source' in value;
}
