import type { CommandDeclaration } from '../command.ts';

/** `callhouse new-source` */
export const newSource: CommandDeclaration = {
  name: 'new-source',
  doc: 'Begin the declaration of a source: its file and the file of its table, in this checkout.',
  examples: [
    ['callhouse new-source acme --from sample.json', 'guesses columns from an answer that you saved'],
    ['callhouse new-source acme', 'two files to fill in'],
  ],
  arguments: [['<name>', 'name of the source: lower-case letters, digits and _']],
  options: [
    { flags: '--from <file>', doc: 'an answer of the vendor as JSON: a list of records, or an object that has one' },
  ],
  act: async (args, options, shell) => (await import('./new-source-command.ts')).newSourceCommand(args, options, shell),
};
