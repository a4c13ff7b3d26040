import type { Log } from '../../../functions/ports.ts';
import type { LogLines } from '../../console/log-lines.ts';
import type { Target } from './select-targets.ts';

/** What is at work, on a terminal; elsewhere nothing but the log. */
export interface Activity {
  readonly log: Log;
  /** Prints something without tearing the line. */
  around(print: () => void): void;
  end(): void;
}

const EVERY_MS = 250;
const SIGNS = ['⠋', '⠙', '⠸', '⠴', '⠦', '⠇'];

/** Counts the streams that have ended against those to run. */
export function showActivity({ log, setActivity }: LogLines, targets: readonly Target[]): Activity {
  const total = targets.reduce((sum, { source, streams, accounts }) => {
    return sum + accounts.length * (streams?.length ?? Object.keys(source.streams).length);
  }, 0);
  const startedAt = Date.now();
  let ended = 0;
  let turn = 0;
  const timer = setInterval(() => {
    turn += 1;
    const seconds = Math.round((Date.now() - startedAt) / 1000);
    const what = ended < total ? `${ended} of ${total} streams read` : 'loading';
    setActivity(`${SIGNS[turn % SIGNS.length]} ${what}, ${seconds} s`);
  }, EVERY_MS);
  timer.unref();
  return {
    log(level, message, fields) {
      if (fields?.['status'] !== undefined) ended += 1;
      log(level, message, fields);
    },
    around(print) {
      setActivity(undefined);
      print();
    },
    end() {
      clearInterval(timer);
      setActivity(undefined);
    },
  };
}
