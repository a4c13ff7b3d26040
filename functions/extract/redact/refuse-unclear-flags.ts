import { isJsonObject } from '../../../schemas/json-text.ts';
import type { Table } from '../../../schemas/table.ts';
import { ContractError } from '../../errors.ts';
import type { FetchedPage } from '../pages/fetched-page.ts';
import type { StreamSession } from '../session/session.ts';
import { optOutOf } from './redact-page.ts';

/** On a page with fewer records, missing flags say little. */
const FEWEST_RECORDS = 5;

/**
 * Refuses a page if most of its records do not say whether they opt out. The vendor has probably renamed or dropped the flag. If all
 * records were stored redacted, nobody would notice that their content is lost.
 * @throws ContractError unless the setting `optOutWhenAbsent` decides about such records
 */
export function refuseUnclearFlags({ stream, settings, id }: StreamSession, table: Table, page: FetchedPage): void {
  if (settings.optOutWhenAbsent !== undefined || table.optOut === undefined) return;
  const records = page.records.filter(isJsonObject);
  const unclear = records.filter((record) => optOutOf(record, table) === undefined).length;
  if (records.length < FEWEST_RECORDS || unclear * 2 <= records.length) return;
  const field = table.columns[table.optOut.flagColumn]?.paths.join(', ');
  const isWord = typeof table.optOut.keepIf === 'string';
  const unlike = isWord ? 'missing or empty' : 'missing or neither true nor false';
  const seen = `field ${field} of page ${page.number} is ${unlike} in ${unclear} of ${records.length} records`;
  throw new ContractError(
    `${stream.path}: ${seen}; expected ${isWord ? 'a word' : 'true or false'} in most. Nothing of this page is stored. Ask the vendor where the flag is, or set ` +
      `sources.${id.source}.optOutWhenAbsent: true if such records are to be redacted, false if they are to be stored completely`,
    id,
  );
}
