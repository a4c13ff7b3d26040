import { alert } from './alert/declaration.ts';
import { backfill } from './backfill/declaration.ts';
import { check } from './check/declaration.ts';
import { checkSource } from './check-source/declaration.ts';
import type { CommandDeclaration } from './command.ts';
import { confirmRemovals } from './confirm-removals/declaration.ts';
import { doctor } from './doctor/declaration.ts';
import { erase } from './erase/declaration.ts';
import { exportTables } from './export/declaration.ts';
import { newSource } from './new-source/declaration.ts';
import { query } from './query/declaration.ts';
import { replay } from './replay/declaration.ts';
import { report } from './report/declaration.ts';
import { rotateHashKey } from './rotate-hash-key/declaration.ts';
import { run } from './run/declaration.ts';
import { simulate } from './simulate/declaration.ts';
import { start } from './start/declaration.ts';
import { status } from './status/declaration.ts';

/** Every command, in the order of the help. */
export const COMMANDS: readonly CommandDeclaration[] = [
  start,
  run,
  query,
  report,
  exportTables,
  status,
  alert,
  check,
  backfill,
  replay,
  confirmRemovals,
  doctor,
  erase,
  rotateHashKey,
  simulate,
  newSource,
  checkSource,
];
