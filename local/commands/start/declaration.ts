import type { CommandDeclaration } from '../command.ts';

/** `callhouse start` */
export const start: CommandDeclaration = {
  name: 'start',
  doc: 'Run the demo: simulated vendors, a first load, increments while their clock moves on, a query, a report.',
  examples: [
    ['callhouse start', 'takes about half a minute; replaces ./data/demo'],
    ['callhouse start --seed 7', 'another world'],
  ],
  options: [
    { flags: '--data-dir <dir>', doc: 'a new folder, or that of an earlier demo', default: './data/demo' },
    { flags: '--seed <n>', doc: 'the same seed makes the same world', default: '1' },
  ],
  act: async (_args, options, shell) => (await import('./start-command.ts')).startCommand(options, shell),
};
