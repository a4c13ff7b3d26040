import type { Log } from '../../../functions/ports.ts';
import type { LogLines } from '../../console/log-lines.ts';
import type { RunTarget } from './select-targets.ts';

/** Shows the activity of a run on a terminal; elsewhere only the log. */
export interface Activity {
  readonly log: Log;
  /** Removes the activity line while `print` writes. */
  around(print: () => void): void;
  end(): void;
}

const EVERY_MS = 250;
const SIGNS = ['⠋', '⠙', '⠸', '⠴', '⠦', '⠇'];

/** Shows how many streams of the targets have ended, four times a second. */
export function showActivity({ log, setActivity }: LogLines, targets: readonly RunTarget[]): Activity {
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
