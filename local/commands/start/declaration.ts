import type { CommandDeclaration } from '../command.ts';

/** `callhouse start` */
export const start: CommandDeclaration = {
  name: 'start',
  doc: 'The demo: simulated vendors, a first load, increments while their clock moves on, a query, a report.',
  examples: [
    ['callhouse start', 'about half a minute, in ./data/demo, which is made anew'],
    ['callhouse start --seed 7', 'another world'],
  ],
  options: [
    { flags: '--data-dir <dir>', doc: 'a new folder, or one of an earlier demo', default: './data/demo' },
    { flags: '--seed <n>', doc: 'the same seed makes the same world', default: '1' },
  ],
  act: async (_args, options, shell) => (await import('./start-command.ts')).startCommand(options, shell),
};
