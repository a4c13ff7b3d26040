import { createHash } from 'node:crypto';
import { describeColumn } from '../../../../schemas/derive/ddl.ts';
import type { Relation, RelationColumn } from '../../../../schemas/derive/relations.ts';
import { QUERY_TYPES } from '../../../../schemas/derive/sql-types.ts';
import { type Metric, metricsOf } from '../../../../schemas/views/metrics.ts';
import { GENERATED, type ToolFiles, type ToolInput } from './tool-files.ts';
import { type YamlValue, yamlText } from './yaml.ts';

/**
 * A folder for `superset import-directory`: a connection to the published copy, and a dataset for each table and view, with descriptions and
 * the figures as metrics.
 * @see {@link https://github.com/apache/superset/blob/6.1.0/superset/datasets/schemas.py}
 */
export function supersetFiles({ relations, views, copy }: ToolInput): ToolFiles {
  const comment = `# ${GENERATED}\n`;
  const metrics = metricsOf(views);
  const files = relations.map((relation) => [
    `datasets/Callhouse/${relation.name}.yaml`,
    comment + yamlText(dataset(relation, metrics)),
  ]);
  return {
    'metadata.yaml': comment + yamlText({ version: '1.0.0', type: 'assets' }),
    'databases/Callhouse.yaml': comment + yamlText(database(copy)),
    ...Object.fromEntries(files),
  };
}

function database(copy: string): YamlValue {
  return {
    database_name: 'Callhouse',
    sqlalchemy_uri: `duckdb:///${copy.split('/').map(encodeURIComponent).join('/')}?access_mode=READ_ONLY`,
    ...{ expose_in_sqllab: true, allow_run_async: false, allow_ctas: false, allow_cvas: false, allow_dml: false },
    extra: {
      allows_virtual_table_explore: true,
      metadata_params: {},
      engine_params: {},
      schemas_allowed_for_file_upload: [],
    },
    ...{ uuid: uuidOf('database'), version: '1.0.0' },
  };
}

function dataset({ name, doc, columns }: Relation, metrics: readonly Metric[]): YamlValue {
  const names = new Set(columns.map((column) => column.name));
  const time = columns.find(({ type }) => type === 'date' || type === 'timestamp');
  const measured = name === 'calls_daily' || name === 'calls_hourly' ? metrics : [];
  return {
    ...{ table_name: name, main_dttm_col: time?.name ?? null, description: doc, schema: 'main' },
    ...{ uuid: uuidOf(name), database_uuid: uuidOf('database'), version: '1.0.0' },
    metrics: [
      { metric_name: 'count', verbose_name: 'Rows', metric_type: 'count', expression: 'COUNT(*)' },
      ...measured
        .filter(({ measures }) => measures.every((measure) => names.has(measure)))
        .map(({ metric, label, unit, sql }) => ({
          ...{ metric_name: metric, verbose_name: label, expression: sql },
          ...(unit === 'ratio' ? { d3format: '.1%' } : {}),
        })),
    ],
    columns: columns.map(columnOf),
  };
}

function columnOf(column: RelationColumn): YamlValue {
  const { name, type } = column;
  const isNumber = ['bigint', 'double', 'decimal'].includes(type);
  return {
    ...{ column_name: name, description: describeColumn(column), is_active: true, filterable: true },
    ...{ is_dttm: type === 'date' || type === 'timestamp', groupby: !isNumber },
    type: type === 'doubles' ? 'DOUBLE[]' : QUERY_TYPES[type].toUpperCase().replace('(6)', ''),
  };
}

/** The same for each export, so that an import replaces what an earlier one made. */
function uuidOf(name: string): string {
  const hex = createHash('sha256').update(`callhouse/superset/${name}`).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
