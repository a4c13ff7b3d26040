import { isVisible, type Rec, type World } from '../world.ts';
import { type Answered, type Asked, isoOf, secretOf, sliceOf } from './listing.ts';

// The vendor of `nook-source.ts`: the list by POST with the token of the page, and each call alone by GET.

const LIST = '/v1/list-calls';
const CALL = '/v1/calls/';

/** Turns of a call; a new version may have fewer. */
export const turnsOf = ({ rev }: Pick<Rec, 'rev'>) => [1, 2, 3].slice(0, 1 + (rev % 3));

/** What the vendor shows of a call alone. */
export const detailsOf = (rec: Rec) => ({
  revision: rec.rev,
  transcript: `transcript ${secretOf(rec)}`,
  turns: turnsOf(rec).map((turn) => ({ turn, words: `words ${turn} ${secretOf(rec)}` })),
});

export function answerNook(world: World, asked: Asked): Answered {
  if (asked.path.startsWith(CALL)) return answerCall(world, asked);
  if (asked.path !== LIST) return { status: 404, json: {} };
  const page = Number(String(asked.body['key'] ?? 'p0').slice(1));
  const slice = sliceOf(world, world.calls.values(), page, asked, Number(asked.body['limit']));
  const { total, end } = world.vendor;
  const hasMore = slice.page + 1 < slice.pages;
  const calls = slice.records.map((rec) => ({
    id: rec.id,
    started_at: isoOf(rec.at),
    revision: rec.rev,
    opt_out: rec.optOut,
    note: `note ${secretOf(rec)}`,
  }));
  return {
    status: 200,
    json: {
      calls,
      next_key: hasMore ? `p${slice.page + 1}` : null,
      ...(end ? { has_more: hasMore } : {}),
      ...(total ? { total: slice.total } : {}),
    },
  };
}

function answerCall({ calls }: World, { path, twist }: Asked): Answered {
  const rec = calls.get(decodeURIComponent(path.slice(CALL.length)));
  if (!rec || !isVisible(rec)) return { status: 404, json: {} };
  return { status: 200, json: { call: twist === 'empty' ? {} : detailsOf(rec) } };
}
