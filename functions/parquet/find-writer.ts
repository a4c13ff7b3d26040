import type { ParquetWriter } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { hyparquetWriter } from './hyparquet.ts';

const WRITERS: Readonly<Record<Settings['parquetWriter'], () => ParquetWriter>> = {
  hyparquet: hyparquetWriter,
  // Its package and what that needs are old, so their code runs only where the setting names it.
  parquetjs: () => ({
    name: 'parquetjs',
    write: async (...file) => (await import('./parquetjs.ts')).parquetjsWriter().write(...file),
  }),
};

/** The Parquet writer that the setting `parquetWriter` names. */
export function findWriter(setting: Settings['parquetWriter']): ParquetWriter {
  return WRITERS[setting]();
}
