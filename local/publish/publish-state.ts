import { randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { settingsSchema } from '../../functions/settings.ts';
import { folderError, isMissing, removeHalf } from '../lake/folder-error.ts';
import type { DataDir } from '../settings/data-dir.ts';
import { areEqual, type CopySettings, copySettingsOf } from './copy-settings.ts';

/** What is known about the published copy: `.published.json` in the data directory. */
const stateSchema = z.object({
  version: z.literal(1),
  /** `none`: the copy is current. `some`: rows were loaded since. `all`: values were erased since, so that no block of it may be kept. */
  changed: z.enum(['none', 'some', 'all']),
  /** Settings by which the warehouse's views were made last. Missing before that, and in data directories of earlier versions. */
  settings: settingsSchema.optional(),
  /** What the copy was made from and how; a copy that was made otherwise is made anew. Missing before the first one. */
  made: z
    .object({
      /** Identity of the warehouse. */
      warehouse: z.string(),
      /** Hash of the statements that created the copy's tables and views. */
      shape: z.string(),
      path: z.string(),
      size: z.number(),
      /** Its size when it was last made anew; taking over changes leaves unused blocks in it. */
      sizeAnew: z.number(),
      mtimeMs: z.number(),
      /** When it was published, ms. */
      at: z.number(),
    })
    .optional(),
  /** Copies that were published elsewhere before, for example under other settings. Nobody replaces them. */
  elsewhere: z.array(z.object({ path: z.string(), size: z.number(), mtimeMs: z.number() })).optional(),
});
export type PublishState = Omit<z.infer<typeof stateSchema>, 'settings'> & {
  readonly settings?: CopySettings | undefined;
};

/** Reads the state. If there is none, or it is damaged, everything counts as changed. @throws StorageError */
export async function readPublishState({ path }: DataDir): Promise<PublishState> {
  try {
    return stateSchema.parse(JSON.parse(await readFile(fileOf(path), 'utf8')));
  } catch (error) {
    if (error instanceof z.ZodError || error instanceof SyntaxError || isMissing(error))
      return { version: 1, changed: 'all' };
    throw folderError(path, 'read', error);
  }
}

/** Replaces the state atomically. @throws StorageError */
export async function writePublishState({ path }: DataDir, state: PublishState): Promise<void> {
  const temporary = `${fileOf(path)}.${randomBytes(8).toString('hex')}`;
  try {
    await writeFile(temporary, JSON.stringify(state), { flag: 'wx', mode: 0o600 });
    await rename(temporary, fileOf(path));
  } catch (error) {
    await removeHalf(temporary);
    throw folderError(path, 'write', error);
  }
}

/** Notes that the warehouse changes, before it does: after a kill, the copy counts as not current. */
export async function noteChange(dir: DataDir, changed: 'some' | 'all'): Promise<void> {
  const state = await readPublishState(dir);
  if (state.changed === 'all' || state.changed === changed) return;
  await writePublishState(dir, { ...state, changed });
}

/** Notes the settings by which the warehouse's views are made, so that a copy that is published without a settings file is like them. */
export async function noteSettings(dir: DataDir, settings: CopySettings): Promise<void> {
  const state = await readPublishState(dir);
  if (state.settings && areEqual(state.settings, settings)) return;
  await writePublishState(dir, { ...state, settings: copySettingsOf(settings) });
}

function fileOf(path: string): string {
  return join(path, '.published.json');
}
