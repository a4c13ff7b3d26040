import { CONFIG, type CommandDeclaration, JSON_FLAG } from '../command.ts';

/** `callhouse check-source` */
export const checkSource: CommandDeclaration = {
  name: 'check-source',
  doc: 'Check the declaration of a source against a vendor made from it, or against the real one.',
  examples: [
    ['callhouse check-source kalem', 'plays edits, removals, cuts and refusals; writes nothing'],
    ['callhouse check-source kalem --online', 'requests two pages of each list, with your credentials'],
  ],
  arguments: [['<source>', 'name of the source, for example kalem']],
  options: [
    { flags: '--online', doc: 'compare the declaration with answers of the vendor; nothing is stored' },
    { flags: '--account <name>', doc: 'account for --online (default: the first that has credentials)' },
    CONFIG,
    JSON_FLAG,
  ],
  act: async (args, options, shell) =>
    (await import('./check-source-command.ts')).checkSourceCommand(args, options, shell),
};
