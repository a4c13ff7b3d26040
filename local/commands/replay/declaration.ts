import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, WAREHOUSE } from '../command.ts';

/** `callhouse replay` */
export const replay: CommandDeclaration = {
  name: 'replay',
  doc: 'Make tables, digests and state again from the raw copies and commits in the lake, without asking a vendor; a new column is filled. On one machine only; a stage on AWS is loaded again as docs/operations.md says.',
  examples: [
    ['callhouse replay', 'after an update that reads a new column, or after a loss of the warehouse or of digests'],
    ['callhouse replay --json', 'what was made again and what was kept, by table'],
  ],
  options: [DATA_DIR, WAREHOUSE, CONFIG, JSON_FLAG],
  act: async (_args, options, shell) => (await import('./replay-command.ts')).replayCommand(options, shell),
};
