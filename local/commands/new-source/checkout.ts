import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The checkout that this program belongs to. */
export interface Checkout {
  readonly root: string;
  /** True if the program is the built one, in `dist/`. */
  readonly isBuilt: boolean;
}

/** The folder with the program's own package.json and sources; undefined if only the built files are there. */
export function findCheckout(file = fileURLToPath(import.meta.url)): Checkout | undefined {
  for (let folder = dirname(file); folder !== dirname(folder); folder = dirname(folder)) {
    if (!existsSync(join(folder, 'package.json'))) continue;
    const isOwn = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')).name === 'callhouse';
    const hasSources = existsSync(join(folder, 'functions/source/source.ts'));
    return isOwn && hasSources ? { root: folder, isBuilt: file.startsWith(join(folder, 'dist')) } : undefined;
  }
  return undefined;
}

/** False if the source or the tables of that name are newer than what the build made of them, or were never built. */
export function isBuilt({ root, isBuilt: fromDist }: Checkout, name: string): boolean {
  if (!fromDist) return true;
  return ['functions/sources', 'schemas/tables'].every((folder) => {
    const written = changedAt(join(root, folder, `${name}.ts`));
    return written === undefined || written <= (changedAt(join(root, 'dist', folder, `${name}.js`)) ?? 0);
  });
}

function changedAt(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs;
}
