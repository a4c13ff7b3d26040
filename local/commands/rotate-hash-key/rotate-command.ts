import type { ExitCode } from '../../../functions/errors.ts';
import type { Log } from '../../../functions/ports.ts';
import { type RotationResult, rotateHashKey } from '../../../functions/rotate/rotate-hash-key.ts';
import { count } from '../../console/count.ts';
import { logLines } from '../../console/log-lines.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { openLocalRotation } from './local-rotation.ts';
import type { RotationHome } from './rotation-home.ts';

/** `callhouse rotate-hash-key`: of a data directory, or with `--aws` of a stage. */
export async function rotateCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const { log } = logLines(shell);
  const home = await open(options, shell, log);
  let result: RotationResult;
  try {
    result = await rotateHashKey(home.rotation, home.ports);
  } finally {
    await home.close();
  }
  await home.replaceCopies();
  shell.out.write(options['json'] ? `${JSON.stringify(result)}\n` : describe(result));
  return result.exitCode;
}

async function open(options: Options, shell: Shell, log: Log): Promise<RotationHome> {
  if (!options['aws']) return openLocalRotation(options, shell, log);
  const { openStageRotation } = await import('../../aws/stage-rotation.ts');
  return openStageRotation(options, shell, log);
}

function describe({ files, rows, lost, keys }: RotationResult): string {
  const sum = (counts: Readonly<Record<string, number>>) => Object.values(counts).reduce((total, n) => total + n, 0);
  const lines = [`hashed anew: ${count(sum(rows), 'row')} of the warehouse, ${count(files, 'staged file')}`];
  for (const [table, hashes] of Object.entries(lost))
    lines.push(
      `${table}: ${`${hashes.toLocaleString('en-US')} ${hashes === 1 ? 'hash' : 'hashes'}`} became null, because the values they were made from are no longer stored`,
    );
  if (keys.renamed > 0)
    lines.push(`${count(keys.renamed, 'key')} of records that show a hash in place of their id got another one`);
  if (keys.unread > 0)
    lines.push(
      `of ${keys.unread.toLocaleString('en-US')} of them the id is not stored; once the vendor lists such a record again, it gets another row, and two full scans mark the earlier one as deleted`,
    );
  return lines.map((line) => `${line}\n`).join('');
}
