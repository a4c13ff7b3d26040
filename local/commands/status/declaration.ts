import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse status` */
export const status: CommandDeclaration = {
  name: 'status',
  doc: 'Show how fresh each stream is in the warehouse, what is still to load, and what the last runs did.',
  examples: [
    ['callhouse status', 'one line per stream'],
    [
      'callhouse status --check',
      'ends with 7 if the loaded data of a stream is older than a day, removals are held, or commits are missing; for cron and monitors',
    ],
    ['callhouse status --check --max-age 2h --json', 'another limit; the result as JSON'],
    ['callhouse status --aws --stage prod', 'the same for a stage on AWS'],
  ],
  options: [
    { flags: '--check', doc: 'end with 7 if a stream is stale, removals are held, or commits are missing' },
    { flags: '--max-age <duration>', doc: 'age at which a stream is stale, e.g. 90m, 24h or 3d', default: '24h' },
    CONFIG,
    DATA_DIR,
    WAREHOUSE,
    { flags: '--aws', doc: 'show a stage on AWS' },
    STAGE,
    JSON_FLAG,
  ],
  act: async (_args, options, shell) => (await import('./status-command.ts')).statusCommand(options, shell),
};
