import { CONFIG, type CommandDeclaration, DATA_DIR, WAREHOUSE } from '../command.ts';

/** `callhouse report` */
export const report: CommandDeclaration = {
  name: 'report',
  doc: "Write the manager's page: what to do next, and the figures of the last 7 complete days, without health data.",
  examples: [
    ['callhouse report', 'to report.html in the data directory, as each run does'],
    ['callhouse report --weeks 13 --to /srv/www/calls.html', 'a quarter of a year, to another file'],
  ],
  options: [
    { flags: '--weeks <n>', doc: 'weeks that the charts show, 2 to 26 (default: the setting report.weeks, else 8)' },
    { flags: '--to <file>', doc: 'file to write (default: report.html in the data directory)' },
    { flags: '--at <instant>', doc: 'judge how old the data is as of this instant (default: now)' },
    DATA_DIR,
    WAREHOUSE,
    CONFIG,
  ],
  act: async (_args, options, shell) => (await import('./report-command.ts')).reportCommand(options, shell),
};
