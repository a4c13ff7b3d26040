import type { CommandDeclaration } from '../command.ts';

/** `callhouse simulate` */
export const simulate: CommandDeclaration = {
  name: 'simulate',
  doc: 'Run only the simulated vendors, on this machine, until Ctrl-C.',
  examples: [
    ['callhouse simulate', 'prints the variables that point a run at them'],
    ['callhouse simulate --port 4700 --seed 7 --days 60 --calls 2000', 'a larger world, the same at every start'],
    ['curl -X POST "http://127.0.0.1:4704/_sim/advance?hours=6"', 'moves its clock on by six hours'],
  ],
  options: [
    {
      flags: '--port <n>',
      doc: 'first of five ports in a row: kismet, solum, zudu, kalem, control (default: free ones)',
    },
    { flags: '--seed <n>', doc: 'the same seed makes the same world', default: '1' },
    { flags: '--days <n>', doc: 'days of history', default: '30' },
    { flags: '--calls <n>', doc: 'calls per vendor in that history', default: '200' },
    { flags: '--users <n>', doc: 'clinicians at Kismet', default: '5' },
    {
      flags: '--now <instant>',
      doc: "time of the world's clock (default: now); it does not run until it is advanced",
    },
    {
      flags: '--rate-limit <n>',
      doc: 'requests per second and vendor; further ones get status 429 (default: no limit)',
    },
    { flags: '--faults <rate>', doc: 'share of requests that fail, 0 to 1', default: '0' },
    { flags: '--drift <rate>', doc: 'share of page requests before which the list moves, 0 to 1', default: '0' },
  ],
  act: async (_args, options, shell) => (await import('./simulate-command.ts')).simulateCommand(options, shell),
};
