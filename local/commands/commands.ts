import { backfill } from './backfill.ts';
import type { CommandDeclaration } from './command.ts';
import { doctor } from './doctor.ts';
import { query } from './query.ts';
import { run } from './run.ts';
import { simulate } from './simulate.ts';
import { start } from './start.ts';
import { status } from './status.ts';

/** Every command, in the order of the help. A new one is a file and a line here. */
export const COMMANDS: readonly CommandDeclaration[] = [start, run, query, status, backfill, doctor, simulate];
