import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse erase` */
export const erase: CommandDeclaration = {
  name: 'erase',
  doc: 'Erase calls for ever, with all that belongs to them: a call, or all calls of a phone number, a patient or a hash. Prints a certificate.',
  examples: [
    ['callhouse erase --call zudu:b2f1', 'one call, by the id that the vendor gave it'],
    ['echo "+1 555 123 4567" | callhouse erase --phone --dry-run', 'count the calls of a number'],
    ['callhouse erase --patient < id.txt', 'all calls of a patient'],
    ['callhouse erase --hash 9f2c…', 'all calls with a hash that callhouse shows'],
  ],
  options: [
    { flags: '--call <source:id>', doc: 'the source and the id of a call' },
    { flags: '--phone', doc: 'calls with the phone number that standard input has' },
    { flags: '--patient', doc: 'calls with the patient id that standard input has' },
    { flags: '--hash <hash>', doc: 'calls with this hash, 64 hex digits' },
    { flags: '--account <name>', doc: 'only of this account (default: all)' },
    { flags: '--dry-run', doc: 'count the rows, change nothing' },
    { flags: '--yes', doc: 'erase more than 25 calls and 1 % of them without asking' },
    DATA_DIR,
    WAREHOUSE,
    { flags: '--aws', doc: 'erase in a stage on AWS' },
    STAGE,
    CONFIG,
    JSON_FLAG,
  ],
  act: async (_args, options, shell) => (await import('./erase-command.ts')).eraseCommand(options, shell),
};
