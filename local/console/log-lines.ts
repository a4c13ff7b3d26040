import type { Log, LogFields } from '../../functions/ports.ts';
import { count } from './count.ts';
import { oneLine } from './print-error.ts';
import type { Shell } from './shell.ts';

/** Lines on stderr while a run is on: one per stream as it ends, warnings and errors; all with `--debug`. */
export interface LogLines {
  readonly log: Log;
  /** What failed, on one line; what was said is not repeated. */
  showFailure(message: string): void;
  /** On a terminal: what is at work now, on a line of its own that the next one overwrites. */
  setActivity(text: string | undefined): void;
}

const ERASE = '\r\u001b[2K';

/** A log for people. Fields are names and counts, and nothing else is ever shown. */
export function logLines({ err, debug }: Pick<Shell, 'err' | 'debug'>): LogLines {
  let activity: string | undefined;
  const failures = new Set<string>();
  const show = (line: string) => {
    err.write(`${activity === undefined ? '' : ERASE}${line}\n`);
    if (activity !== undefined) err.write(activity);
  };
  // A full disk fails every stream in the same words: they are said once.
  const showFailure = (message: string) => {
    if (!failures.has(message)) show(`callhouse: ${oneLine(message)}`);
    failures.add(message);
  };
  return {
    showFailure,
    log(level, message, fields = {}) {
      if (level === 'error') showFailure(message);
      else if (level === 'warn') show(`callhouse: warning: ${nameOf(fields)}${message}`);
      else if (fields['status'] !== undefined && fields.stream) show(describeStream(fields));
      else if (debug) show(`${level}: ${message}${Object.entries(fields).map(describeField).join('')}`);
    },
    setActivity(text) {
      if (!err.isTty) return;
      err.write(`${ERASE}${text === undefined ? '' : text.slice(0, err.columns - 1)}`);
      activity = text?.slice(0, err.columns - 1);
    },
  };
}

function nameOf({ source, stream, account }: LogFields): string {
  if (!source) return '';
  return `${source}${stream ? `.${stream}` : ''}${account && account !== 'default' ? ` (${account})` : ''}: `;
}

/** `✓ kalem.calls: 200 records, 31 changed, 2 removed, 5 requests` */
function describeStream(fields: LogFields): string {
  const { records, changed, deleted, rejected, requests } = fields;
  const parts = [
    count(Number(records), 'record'),
    `${changed} changed`,
    ...(deleted ? [`${deleted} removed`] : []),
    ...(rejected ? [`${rejected} refused`] : []),
    count(Number(requests), 'request'),
  ];
  return `✓ ${nameOf(fields)}${parts.join(', ')}`;
}

function describeField([name, value]: [string, unknown]): string {
  return value === undefined ? '' : ` ${name}=${value}`;
}
