import { describeColumn } from '../../../../schemas/derive/ddl.ts';
import type { Relation, RelationColumn } from '../../../../schemas/derive/relations.ts';
import { QUERY_TYPES } from '../../../../schemas/derive/sql-types.ts';
import { GENERATED, type ToolFiles, type ToolInput } from './tool-files.ts';
import { type YamlValue, yamlText } from './yaml.ts';

/** A row that no parent has, or a word that is not known, is a vendor's oddity. */
const WARN = { config: { severity: 'warn' } };
/** The one part of a key that no row of a view lacks: figures may be of all sources, and the day of a call may be unknown. */
const NEVER_NULL = 'call_id';

/**
 * A dbt project over the published copy, or over Athena with `--target athena`: every table and view as a source, with descriptions, types
 * and tests of its key, its words and its parents.
 * @see {@link https://docs.getdbt.com/reference/source-properties}
 */
export function dbtFiles({ relations, copy }: ToolInput): ToolFiles {
  const comment = `# ${GENERATED}\n`;
  return {
    'dbt_project.yml': comment + yamlText({ name: 'callhouse', version: '1.0.0', profile: 'callhouse' }),
    'profiles.yml': comment + yamlText(profiles(copy)),
    'models/callhouse_sources.yml': comment + yamlText(sources(relations)),
    'macros/callhouse_tests.sql': `{# ${GENERATED} #}\n${TESTS}`,
  };
}

function profiles(copy: string): YamlValue {
  return {
    callhouse: {
      target: 'local',
      outputs: {
        // Models are built in a file of their own: the copy is replaced by each run.
        local: { type: 'duckdb', path: 'models.duckdb', attach: [{ path: copy, alias: 'callhouse', read_only: true }] },
        athena: {
          ...{ type: 'athena', database: 'awsdatacatalog', schema: 'callhouse_models', threads: 4 },
          region_name: "{{ env_var('AWS_REGION', 'us-east-1') }}",
          work_group: "{{ env_var('CALLHOUSE_WORKGROUP', 'callhouse-dev-bi') }}",
          s3_staging_dir: "{{ env_var('CALLHOUSE_RESULTS', 's3://name-of-a-bucket/dbt/') }}",
        },
      },
    },
  };
}

function sources(relations: readonly Relation[]): YamlValue {
  return {
    version: 2,
    sources: [
      {
        name: 'callhouse',
        database: "{{ 'callhouse' if target.type == 'duckdb' else 'awsdatacatalog' }}",
        schema: "{{ 'main' if target.type == 'duckdb' else var('callhouse_database', 'callhouse') }}",
        description: 'Calls, audit logs and daily metrics of the call vendors, without health data.',
        tables: relations.map(table),
      },
    ],
  };
}

function table({ name, doc, key, columns, parents }: Relation): YamlValue {
  const tests: YamlValue[] = [
    { callhouse_unique_key: { arguments: { columns: key } } },
    ...parents.map(({ name: parent, on }) => ({
      callhouse_has_parent: {
        arguments: { parent: `source('callhouse', '${parent}')`, pairs: on.map((pair) => [...pair]) },
        ...WARN,
      },
    })),
  ];
  const required = ({ name: column, isRequired }: RelationColumn) =>
    isRequired || (column === NEVER_NULL && key.includes(column));
  return {
    name,
    description: doc,
    ...(name === 'loads' ? FRESHNESS : {}),
    data_tests: tests,
    columns: columns.map((column) => columnOf(column, required(column))),
  };
}

/** Runs are due every 15 minutes, unless a schedule says otherwise. */
const FRESHNESS = {
  config: {
    loaded_at_field: 'ended_at',
    freshness: { warn_after: { count: 2, period: 'hour' }, error_after: { count: 26, period: 'hour' } },
  },
};

function columnOf(column: RelationColumn, isRequired: boolean): YamlValue {
  const { name, type, words } = column;
  const tests: YamlValue[] = [
    ...(isRequired ? ['not_null'] : []),
    ...(words ? [{ accepted_values: { arguments: { values: [...words] }, ...WARN } }] : []),
  ];
  return {
    ...{
      name,
      description: describeColumn(column),
      data_type: type === 'doubles' ? 'array(double)' : QUERY_TYPES[type],
    },
    ...(tests.length > 0 ? { data_tests: tests } : {}),
  };
}

const TESTS = `
{% test callhouse_unique_key(model, columns) %}
select {{ columns | join(', ') }}, count(*) as copies
from {{ model }}
group by {{ columns | join(', ') }}
having count(*) > 1
{% endtest %}

{% test callhouse_has_parent(model, parent, pairs) %}
select {% for own, theirs in pairs %}child.{{ own }}{{ ', ' if not loop.last }}{% endfor %}
from {{ model }} child
where {% for own, theirs in pairs %}child.{{ own }} is not null and {% endfor %}not exists (
  select 1 from {{ parent }} parent
  where {% for own, theirs in pairs %}parent.{{ theirs }} = child.{{ own }}{{ ' and ' if not loop.last }}{% endfor %}
)
{% endtest %}
`;
