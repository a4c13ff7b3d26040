import { newRandom } from './random.ts';

/** Whose event it is and of which kind; priorities hold for a lane. */
export interface Lane {
  readonly process: number;
  readonly kind: 'fetch' | 'store' | 'sleep' | 'timer';
}

interface Pending extends Lane {
  at: number;
  readonly fire: () => void;
}

/** One queue on virtual time for everything that takes time. */
export interface Scheduler {
  readonly now: () => number;
  /** Events fired so far: orders all that happens. */
  readonly turn: () => number;
  /** Calls `fire` in `ms`. @returns what takes it back */
  after(lane: Lane, ms: number, fire: () => void): () => void;
  /** Resolves in `ms`. */
  wait(lane: Lane, ms: number): Promise<void>;
  /** Drops all events of a dead process. */
  drop(process: number): void;
  /** Keeps back all events of a process, also those that it adds now. */
  suspend(process: number): void;
  /** What was kept back may happen again; what is overdue is due now, in any order. */
  resume(process: number): void;
  /** The clock moves on to `ms`, if it is not there yet. */
  moveTo(ms: number): void;
  /**
   * Fires one event after the other until `done`.
   * @returns how it ended: nothing is left that could go on, or it goes on without end
   */
  drive(done: () => boolean, seed: number): Promise<'done' | 'hangs' | 'endless'>;
}

/** Events this close, ms, may happen in any order; a starved one happens later. */
const SLACK_MS = 2000;
const MOST_TURNS = 60_000;

/** A scheduler whose clock begins at `start`, ms. */
export function newScheduler(start: number): Scheduler {
  let now = start;
  let turn = 0;
  let queue: Pending[] = [];
  const kept = new Map<number, Pending[]>();
  const after = (lane: Lane, ms: number, fire: () => void) => {
    const pending = { process: lane.process, kind: lane.kind, at: now + Math.max(0, ms), fire };
    (kept.get(lane.process) ?? queue).push(pending);
    return () => {
      const within = kept.get(lane.process) ?? queue;
      const place = within.indexOf(pending);
      if (place >= 0) within.splice(place, 1);
    };
  };
  return {
    now: () => now,
    turn: () => turn,
    after,
    wait: (lane, ms) => new Promise((resolve) => after(lane, ms, resolve)),
    drop(process) {
      queue = queue.filter((pending) => pending.process !== process);
      kept.delete(process);
    },
    suspend(process) {
      kept.set(
        process,
        queue.filter((pending) => pending.process === process),
      );
      queue = queue.filter((pending) => pending.process !== process);
    },
    resume(process) {
      const waiting = (kept.get(process) ?? []).sort((a, b) => a.at - b.at);
      kept.delete(process);
      for (const pending of waiting) pending.at = Math.max(pending.at, now);
      queue.push(...waiting);
    },
    moveTo(ms) {
      now = Math.max(now, ms);
    },
    async drive(done, seed) {
      const choose = newChooser(seed);
      for (let turns = 0; turns < MOST_TURNS; turns += 1) {
        // All that follows from the last event happens before the next one: microtasks only, no thread, no socket.
        await new Promise(setImmediate);
        if (done()) return 'done';
        const chosen = choose(queue);
        if (chosen === undefined) return 'hangs';
        queue.splice(queue.indexOf(chosen), 1);
        now = Math.max(now, chosen.at);
        turn += 1;
        chosen.fire();
      }
      return 'endless';
    },
  };
}

/** Chooses by priorities that hold for 2 to 60 turns: one side is starved for long enough to be overtaken. */
function newChooser(seed: number) {
  const random = newRandom(seed);
  let priorities = new Map<string, number>();
  let left = 0;
  const priorityOf = ({ process, kind }: Pending) => {
    const lane = `${process} ${kind}`;
    const known = priorities.get(lane) ?? random.next();
    priorities.set(lane, known);
    return known;
  };
  return (queue: readonly Pending[]): Pending | undefined => {
    left -= 1;
    if (left < 0) {
      priorities = new Map();
      left = random.int(2, 60);
    }
    let least = Number.POSITIVE_INFINITY;
    for (const { at } of queue) if (at < least) least = at;
    let chosen: Pending | undefined;
    let highest = -1;
    for (const pending of queue) {
      const moves = pending.kind === 'fetch' || pending.kind === 'store';
      if (pending.at > least + (moves ? SLACK_MS : 0)) continue;
      const priority = priorityOf(pending);
      const wins = priority > highest || (priority === highest && chosen !== undefined && pending.at < chosen.at);
      if (!wins) continue;
      chosen = pending;
      highest = priority;
    }
    return chosen;
  };
}
