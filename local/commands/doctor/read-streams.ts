import { foldersIn } from '../../../functions/lake/folders-in.ts';
import type { StreamId } from '../../../functions/lake/objects.ts';
import type { Store } from '../../../functions/ports.ts';

/** Every stream that has commits. */
export async function* streamsIn(store: Store): AsyncGenerator<StreamId> {
  for (const source of await foldersIn(store, 'commits/')) {
    for (const account of await foldersIn(store, `commits/${source}/`)) {
      for (const stream of await foldersIn(store, `commits/${source}/${account}/`)) yield { source, account, stream };
    }
  }
}
