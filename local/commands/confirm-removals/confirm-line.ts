import type { StreamId } from '../../../functions/lake/objects.ts';
import { confirmArguments } from '../../../functions/lake/removal-confirmation.ts';
import { ownCommand, quoted } from '../../console/own-command.ts';
import type { Shell } from '../../console/shell.ts';
import { DATA_DIR, type Options, STAGE } from '../command.ts';
import { readText } from '../read-option.ts';

/** The command line that confirms the held removals of a stream, in the lake that these options name. */
export function confirmLine(id: StreamId, options: Options, { cwd }: Pick<Shell, 'cwd'>): string {
  const parts = [ownCommand(cwd), confirmArguments(id)];
  const add = (flag: string, name: string, usual?: string) => {
    const text = readText(options, name);
    if (text !== undefined && text !== usual) parts.push(flag, quoted(text));
  };
  if (options['aws']) {
    parts.push('--aws');
    add('--stage', 'stage', STAGE.default);
    add('--config', 'config');
  } else {
    add('--data-dir', 'dataDir', DATA_DIR.default);
  }
  return parts.join(' ');
}
