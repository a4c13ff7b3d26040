import type { DatabaseTable } from '../../schemas/derive/database-tables.ts';
import { GLUE_TYPES } from '../../schemas/derive/sql-types.ts';

/** Athena statement that creates an Iceberg table on an AWS emulator, where no tables are deployed. `location` is an S3 prefix. */
export function createIcebergTable({ database, name, columns, monthOf }: DatabaseTable, location: string): string {
  return [
    `CREATE TABLE IF NOT EXISTS \`${database}\`.\`${name}\` (`,
    `  ${columns.map((column) => `\`${column.name}\` ${GLUE_TYPES[column.type]}`).join(',\n  ')}`,
    ')',
    ...(monthOf === undefined ? [] : [`PARTITIONED BY (\`account\`, month(\`${monthOf}\`))`]),
    `LOCATION '${location}'`,
    "TBLPROPERTIES ('table_type' = 'ICEBERG', 'format' = 'parquet', 'write_compression' = 'zstd')",
  ].join('\n');
}
