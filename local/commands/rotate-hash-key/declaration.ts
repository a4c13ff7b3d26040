import { CONFIG, type CommandDeclaration, DATA_DIR, JSON_FLAG, STAGE, WAREHOUSE } from '../command.ts';

/** `callhouse rotate-hash-key` */
export const rotateHashKey: CommandDeclaration = {
  name: 'rotate-hash-key',
  doc: 'Hash everything that is stored anew with another key, after the key of the hashes was replaced, lost or seen by others.',
  examples: [
    ['callhouse rotate-hash-key', 'with CALLHOUSE_HASH_KEY if it is new, else with a new hash.key'],
    ['callhouse rotate-hash-key --aws --stage prod', 'with the new key in the secret callhouse/prod/hash-key'],
  ],
  options: [DATA_DIR, WAREHOUSE, { flags: '--aws', doc: 'rotate the key of a stage on AWS' }, STAGE, CONFIG, JSON_FLAG],
  act: async (_args, options, shell) => (await import('./rotate-command.ts')).rotateCommand(options, shell),
};
