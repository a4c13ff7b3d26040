import { type CommandDeclaration, DATA_DIR, JSON_FLAG, WAREHOUSE } from '../command.ts';

/** `callhouse check` */
export const check: CommandDeclaration = {
  name: 'check',
  doc: 'Look for faults in the warehouse, and count what vendors sent that is odd; keeps the results in the table checks, and ends with 4 for a fault only.',
  examples: [
    ['callhouse check', 'one line per fault and oddity'],
    ['callhouse check --json', 'the same as one JSON object'],
  ],
  options: [DATA_DIR, WAREHOUSE, JSON_FLAG],
  act: async (_args, options, shell) => (await import('./check-command.ts')).checkCommand(options, shell),
};
