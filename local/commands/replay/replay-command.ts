import type { ExitCode } from '../../../functions/errors.ts';
import type { Log } from '../../../functions/ports.ts';
import { type ReplayResult, replay } from '../../../functions/replay/replay.ts';
import { count } from '../../console/count.ts';
import { logLines } from '../../console/log-lines.ts';
import type { Shell } from '../../console/shell.ts';
import type { Options } from '../command.ts';
import { openLocalReplay } from './local-replay.ts';
import type { ReplayHome } from './replay-home.ts';

/** `callhouse replay`: of a data directory, or with `--aws` of a stage. */
export async function replayCommand(options: Options, shell: Shell): Promise<ExitCode> {
  const { log } = logLines(shell);
  const home = await open(options, shell, log);
  let result: ReplayResult;
  try {
    result = await replay(home.request, home.ports);
  } finally {
    await home.close();
  }
  await home.replaceCopies();
  shell.out.write(options['json'] ? `${JSON.stringify(result)}\n` : describe(result));
  if (result.error !== undefined) log('error', `the warehouse is not complete: ${result.error}; then run this again`);
  return result.exitCode;
}

async function open(options: Options, shell: Shell, log: Log): Promise<ReplayHome> {
  if (!options['aws']) return openLocalReplay(options, shell, log);
  const { openStageReplay } = await import('../../aws/stage-replay.ts');
  return openStageReplay(options, shell, log);
}

function describe({ tables, files, digests, lostHashes, lostRemovals }: ReplayResult): string {
  const lines = Object.entries(tables).map(([name, { rebuilt, kept }]) => {
    const rest = kept === 0 ? '' : `, ${count(kept, 'row')} kept, because no raw copy holds the last version`;
    return `${name}: ${count(rebuilt, 'row')} made again${rest}`;
  });
  lines.push(`${count(files, 'staged file')} written again, ${count(digests, 'digest')} changed`);
  if (lostHashes > 0)
    lines.push(
      `${count(lostHashes, 'row')} of callers that opted out lost the hashes of their numbers, which are not stored`,
    );
  if (lostRemovals > 0)
    lines.push(`${count(lostRemovals, 'removal')} could not be made again; two full scans mark them as deleted again`);
  return lines.map((line) => `${line}\n`).join('');
}
