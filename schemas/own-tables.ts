import { BOOKKEEPING_TABLES } from './bookkeeping.ts';
import { callVersions } from './call-versions.ts';
import type { OwnTable } from './own-table.ts';

/** Every table that Callhouse fills by rules of its own. A warehouse has all of them, whatever its sources are. */
export const OWN_TABLES: readonly OwnTable[] = [callVersions, ...BOOKKEEPING_TABLES];
