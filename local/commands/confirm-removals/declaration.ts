import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE } from '../command.ts';

/** `callhouse confirm-removals` */
export const confirmRemovals: CommandDeclaration = {
  name: 'confirm-removals',
  doc: 'Confirm that records are gone whose removal is held because they are so many. The next run marks them deleted.',
  examples: [
    ['callhouse confirm-removals kalem.calls', 'what the last run held, exactly; ends with 0 if nothing is held'],
    ['callhouse confirm-removals kalem.calls --account north', 'of another account'],
    ['callhouse confirm-removals kalem.calls --aws --stage prod', 'of a stage on AWS'],
  ],
  arguments: [['<stream>', 'SOURCE.STREAM']],
  options: [
    { flags: '--account <name>', doc: 'account of the source', default: 'default' },
    CONFIG,
    DATA_DIR,
    { flags: '--aws', doc: 'confirm in the lake of a stage on AWS' },
    STAGE,
    JSON_FLAG,
  ],
  act: async (names, options, shell) =>
    (await import('./confirm-removals-command.ts')).confirmRemovalsCommand(names, options, shell),
};
