import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse doctor` */
export const doctor: CommandDeclaration = {
  name: 'doctor',
  doc: 'Look whether everything that a run needs is there, and say what is missing and how to mend it.',
  examples: [
    ['callhouse doctor', 'Node, settings, credentials, data directory, warehouse, disk'],
    ['callhouse doctor --online', 'and asks each vendor for one page'],
    ['callhouse doctor --aws --stage prod', 'what a stage on AWS still needs'],
  ],
  options: [
    { flags: '--online', doc: 'ask each vendor for one page with its credentials' },
    CONFIG,
    DATA_DIR,
    WAREHOUSE,
    { flags: '--aws', doc: 'look at a stage on AWS: workgroup, tables, secrets, runs, loads' },
    STAGE,
    JSON_FLAG,
  ],
  act: async (_args, options, shell) => (await import('./doctor-command.ts')).doctorCommand(options, shell),
};
