import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse doctor` */
export const doctor: CommandDeclaration = {
  name: 'doctor',
  doc: 'Check everything that a run needs, and say what is missing and how to fix it.',
  examples: [
    ['callhouse doctor', 'Node, settings, credentials, data directory, warehouse, disk'],
    ['callhouse doctor --online', 'also requests one page from each vendor'],
    ['callhouse doctor --fix', 'also closes what other users can read: the data directory, hash.key, .env'],
    ['callhouse doctor --aws --stage prod', 'what a stage on AWS still needs'],
  ],
  options: [
    { flags: '--online', doc: 'request one page from each vendor' },
    { flags: '--fix', doc: 'close files with health data, keys or credentials to other users' },
    CONFIG,
    DATA_DIR,
    WAREHOUSE,
    { flags: '--aws', doc: 'check a stage on AWS: workgroup, tables, secrets, runs, loads' },
    STAGE,
    JSON_FLAG,
  ],
  act: async (_args, options, shell) => (await import('./doctor-command.ts')).doctorCommand(options, shell),
};
