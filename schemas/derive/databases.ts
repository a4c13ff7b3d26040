/** Names of the three databases: Glue databases on AWS, schemas in DuckDB. */
export interface Databases {
  /** Safe for BI. */
  readonly safe: string;
  /** Sensitive columns, same keys. */
  readonly phi: string;
  /** Staged files, as they lie. */
  readonly staging: string;
}

/** The databases under a prefix, `databasePrefix` of the settings. */
export function databasesOf(prefix = 'callhouse'): Databases {
  return { safe: prefix, phi: `${prefix}_phi`, staging: `${prefix}_staging` };
}

/** What they are called unless the settings say otherwise. */
export const DATABASES: Databases = databasesOf();
