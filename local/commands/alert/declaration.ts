import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse alert` */
export const alert: CommandDeclaration = {
  name: 'alert',
  doc: 'Compare key figures of the last 7 complete days with limits; ends with 7 if one is crossed, or is not known.',
  examples: [
    ['callhouse alert "answer_rate < 0.8" "missed_calls > 20"', 'of all vendors together; for cron and monitors'],
    ['callhouse alert "wait_p95 > 60" --source kalem', 'of one vendor, its account default'],
    ['callhouse alert "service_level < 0.7" --athena --stage prod', 'of the warehouse on AWS'],
  ],
  arguments: [['<limit...>', 'a metric of key_figures, then <, <=, > or >=, then a number']],
  options: [
    { flags: '--source <name>', doc: 'judge one vendor (default: all of them together)' },
    { flags: '--account <name>', doc: 'account of that vendor (default: default)' },
    DATA_DIR,
    WAREHOUSE,
    { flags: '--athena', doc: 'ask the warehouse on AWS; stderr shows the bytes it scanned' },
    STAGE,
    { flags: '--workgroup <name>', doc: 'Athena workgroup (default: callhouse-<stage>-bi)' },
    CONFIG,
    JSON_FLAG,
  ],
  act: async (limits, options, shell) => (await import('./alert-command.ts')).alertCommand(limits, options, shell),
};
