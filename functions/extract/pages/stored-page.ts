import { ContractError } from '../../errors.ts';
import { parseJson } from '../../http/lossless-json.ts';
import type { RawPage } from '../../lake/raw-pages.ts';
import type { Stream } from '../../source/source.ts';
import { variantsOf } from '../../source/variants.ts';

/** What a page that was kept contains. */
interface StoredPage {
  /** The whole body, of which the records are parts. */
  readonly json: unknown;
  readonly records: readonly unknown[];
  /** True if the bytes have more than that: of two members of one name, only the last one is read. Later versions keep no such page. */
  readonly hidesMembers: boolean;
}

/** Reads a kept page by whichever request variant can read it. If none can, it has no records. */
export function readStoredPage(stream: Stream, { context, body }: RawPage): StoredPage {
  let hidesMembers = false;
  const json = parseJson(body.toString('utf8'), () => {
    hidesMembers = true;
  });
  const { partition, page } = context;
  const request = { partition: { id: partition, context: {} }, page, size: stream.pageSize };
  for (const { records } of variantsOf(stream)) {
    try {
      return { json, records: records(json, request), hidesMembers };
    } catch (error) {
      if (!(error instanceof ContractError)) throw error;
    }
  }
  return { json, records: [], hidesMembers };
}
