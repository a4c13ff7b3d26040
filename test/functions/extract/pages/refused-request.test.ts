import { expect, test } from 'vitest';
import { ContractError, CredentialsError, RequestRefusedError } from '../../../../functions/errors.ts';
import { orBeginAgain } from '../../../../functions/extract/pages/refused-request.ts';
import type { PartitionScan } from '../../../../functions/extract/pages/scan.ts';
import { makePorts } from '../../../helpers/ports.ts';
import { answer } from '../../../helpers/read-one.ts';
import { UNIT_AT, unitPartition, unitSession } from '../../../helpers/session.ts';

const REFUSED = new CredentialsError('answered 401');

test.each([
  { says: 'is read from its beginning if the vendor shows it without the token', isExpired: true, asked: ['x/1'] },
  {
    says: 'fails if the vendor does not take the request for its first page',
    first: new RequestRefusedError('400'),
    asked: ['x/1'],
  },
  { says: 'fails if the vendor refuses its first page too', first: new CredentialsError('401'), asked: ['x/1'] },
  { says: 'fails if its first page cannot be read', first: new ContractError('no list'), asked: ['x/1'] },
  { says: 'fails if it has no token', next: undefined, asked: [] },
  { says: 'fails if another page came before it in this run', isAtStart: false, asked: [] },
  { says: 'fails if it failed otherwise', error: new ContractError('no list'), asked: [] },
])('a list of which a page is refused as wrong credentials $says', async (given) => {
  const { first = answer(['a']), isAtStart = true, error = REFUSED, isExpired = false, asked } = given;
  const ports = makePorts({ clock: { ms: UNIT_AT } });
  const { session, client } = await unitSession({ answer: () => first, ports });
  const next = 'next' in given ? given.next : 'token';
  const request = { partition: unitPartition('x'), page: 4, size: 2, ...(next !== undefined && { next }) };
  const scan = { request: () => request, isAtStart: () => isAtStart } as unknown as PartitionScan;
  const outcome = await orBeginAgain(session, scan, error).catch((thrown: unknown) => thrown);
  expect(outcome).toBe(isExpired ? undefined : error);
  expect(client.asked).toEqual(asked);
  expect(ports.lines).toHaveLength(isExpired ? 1 : 0);
});
