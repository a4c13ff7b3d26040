/** Names of the three databases: Glue databases on AWS, schemas in DuckDB. */
export interface Databases {
  /** Tables without sensitive columns, and all views; BI reads it. */
  readonly safe: string;
  /** Sensitive columns, under the same keys. */
  readonly phi: string;
  /** The staged files as tables: external Glue tables on AWS, views in DuckDB. */
  readonly staging: string;
}

/** Names of the databases for a prefix, the setting `databasePrefix`. */
export function databasesOf(prefix = 'callhouse'): Databases {
  return { safe: prefix, phi: `${prefix}_phi`, staging: `${prefix}_staging` };
}

/** Names for the default prefix. */
export const DATABASES: Databases = databasesOf();
