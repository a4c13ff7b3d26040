import type { Log, LogFields } from '../../functions/ports.ts';
import { count } from './count.ts';
import { oneLine } from './print-error.ts';
import type { Shell } from './shell.ts';

/** Lines on stderr during a run: one per finished stream, warnings and errors; with `--debug` every log line. */
export interface LogLines {
  readonly log: Log;
  /** Shows a failure on one line, once per message. */
  showFailure(message: string): void;
  /** Shows the current activity on the last line of a terminal; undefined removes it. */
  setActivity(text: string | undefined): void;
}

const ERASE = '\r\u001b[2K';

/** A log for people. Its fields are names and counts; no value of a record is shown. */
export function logLines({ err, debug }: Pick<Shell, 'err' | 'debug'>): LogLines {
  let activity: string | undefined;
  const failures = new Set<string>();
  const show = (line: string) => {
    err.write(`${activity === undefined ? '' : ERASE}${line}\n`);
    if (activity !== undefined) err.write(activity);
  };
  // A full disk fails every stream with the same message: show it once.
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
