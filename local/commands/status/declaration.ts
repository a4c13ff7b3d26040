import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse status` */
export const status: CommandDeclaration = {
  name: 'status',
  doc: 'How fresh each stream is in the warehouse, what waits to be loaded, and what the last runs did.',
  examples: [
    ['callhouse status', 'one line per stream'],
    [
      'callhouse status --check',
      'ends with 7 if what is loaded of a stream is older than a day: for cron and monitors',
    ],
    ['callhouse status --check --max-age 2h --json', 'another limit; the result as JSON'],
    ['callhouse status --aws --stage prod', 'of a stage on AWS'],
  ],
  options: [
    { flags: '--check', doc: 'end with 7 when a stream is stale' },
    { flags: '--max-age <duration>', doc: 'age at which a stream is stale, such as 90m, 24h or 3d', default: '24h' },
    CONFIG,
    DATA_DIR,
    WAREHOUSE,
    { flags: '--aws', doc: 'look at a stage on AWS' },
    STAGE,
    JSON_FLAG,
  ],
  act: async (_args, options, shell) => (await import('./status-command.ts')).statusCommand(options, shell),
};
