import type { ParquetWriter } from '../ports.ts';
import type { Settings } from '../settings.ts';
import { hyparquetWriter } from './hyparquet.ts';
import { parquetjsWriter } from './parquetjs.ts';

const WRITERS: Readonly<Record<Settings['parquetWriter'], () => ParquetWriter>> = {
  hyparquet: hyparquetWriter,
  parquetjs: parquetjsWriter,
};

/** The Parquet writer that the setting `parquetWriter` names. */
export function findWriter(setting: Settings['parquetWriter']): ParquetWriter {
  return WRITERS[setting]();
}
