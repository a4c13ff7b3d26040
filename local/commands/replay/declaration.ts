import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse replay` */
export const replay: CommandDeclaration = {
  name: 'replay',
  doc: 'Make tables, digests and state again from the raw copies and commits in the lake, without asking a vendor; a new column is filled.',
  examples: [
    ['callhouse replay', 'after an update that reads a new column, or after a loss of the warehouse or of digests'],
    ['callhouse replay --aws --stage prod', 'of a stage; deploy first if a column is new'],
    ['callhouse replay --json', 'what was made again and what was kept, by table'],
  ],
  options: [DATA_DIR, WAREHOUSE, { flags: '--aws', doc: 'replay a stage on AWS' }, STAGE, CONFIG, JSON_FLAG],
  act: async (_args, options, shell) => (await import('./replay-command.ts')).replayCommand(options, shell),
};
