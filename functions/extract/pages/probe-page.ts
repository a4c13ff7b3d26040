import { RequestRefusedError } from '../../errors.ts';
import type { Page, PageRequest } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';
import { httpRequest, variantOf } from './request-page.ts';

/**
 * Requests a page that no read asks for, to see what the vendor shows.
 * @param stream the declaration to ask by @default the session's
 * @returns undefined if the vendor refuses the request (4xx)
 * @throws what the HTTP client throws besides, also if the answer cannot be read
 */
export async function probePage(
  session: StreamSession,
  request: PageRequest,
  stream: Stream = session.stream,
): Promise<Page | undefined> {
  const variant = variantOf(session);
  const asked = httpRequest({ ...session, stream }, variant, request);
  try {
    return (await session.client.request(asked, session.id, (body) => variant.read(body, request))).value;
  } catch (error) {
    if (error instanceof RequestRefusedError) return undefined;
    throw error;
  }
}
