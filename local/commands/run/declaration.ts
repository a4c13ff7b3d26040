import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, WAREHOUSE } from '../command.ts';

/** `callhouse run` */
export const run: CommandDeclaration = {
  name: 'run',
  doc: 'Run once: extract what is due, then load it into the warehouse.',
  examples: [
    ['callhouse run', 'every source whose credentials are set in the environment or in .env'],
    ['callhouse run kalem zudu.calls', 'all of one source, one stream of another'],
    ['callhouse run --at 2026-11-21T09:00:00Z --json', 'as if it were that time; the result as JSON'],
  ],
  arguments: [['[source...]', 'SOURCE or SOURCE.STREAM']],
  options: [
    CONFIG,
    DATA_DIR,
    WAREHOUSE,
    {
      flags: '--at <instant>',
      doc: 'scheduled time from which all windows are counted, with Z or an offset (default: now)',
    },
    JSON_FLAG,
  ],
  act: async (names, options, shell) => (await import('./run-command.ts')).runCommand(names, options, shell),
};
