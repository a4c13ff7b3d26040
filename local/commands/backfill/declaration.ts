import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse backfill` */
export const backfill: CommandDeclaration = {
  name: 'backfill',
  doc: 'Read a stretch of history again, chunk by chunk, and load what changed. Scheduled reads stay due.',
  examples: [
    ['callhouse backfill --from 2026-01-01 --to 2026-03-31', 'every source, both days included (UTC)'],
    ['callhouse backfill solum kismet.daily_call_metrics --from 2026-01-01 --to 2026-01-31', 'one source, one stream'],
    ['callhouse backfill kalem --from 2026-01-01 --to 2026-01-31 --aws --stage prod', 'into a stage on AWS'],
  ],
  arguments: [['[source...]', 'SOURCE or SOURCE.STREAM']],
  options: [
    { flags: '--from <when>', doc: 'first day (UTC), or an instant with Z or an offset' },
    { flags: '--to <when>', doc: 'last day (UTC), or an instant' },
    {
      flags: '--chunk <duration>',
      doc: 'length of one read, e.g. 12h or 7d; an interrupted chunk is read again',
      default: '7d',
    },
    CONFIG,
    DATA_DIR,
    WAREHOUSE,
    { flags: '--aws', doc: 'read with the credentials of a stage on AWS, into its lake' },
    STAGE,
    JSON_FLAG,
  ],
  act: async (names, options, shell) => (await import('./backfill-command.ts')).backfillCommand(names, options, shell),
};
