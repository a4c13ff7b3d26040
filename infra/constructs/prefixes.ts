/**
 * Where things lie. The lake bucket, under the lake key, holds whatever may tell health data; the safe bucket, under a key of its
 * own, holds `callhouse` and the results of its readers, so that a role without the lake key cannot come near the rest.
 */
export const PREFIXES = {
  /** Lake bucket: the vendors' answers, `raw/<source>/<account>/…`. */
  raw: 'raw/',
  /** Lake bucket: `staging/<table>/acct=<account>/day=<day>/…`. */
  staging: 'staging/',
  /** Lake bucket: the rest of what one account's extract keeps, each `…/<source>/<account>/…`. */
  state: ['commits/', 'checkpoints/', 'digests/', 'leases/'],
  /** Lake bucket: how far the warehouse is loaded. */
  progress: 'progress/',
  /** Lake bucket: files of `callhouse_phi`. */
  phi: 'warehouse/phi/',
  /** Safe bucket: files of `callhouse`. */
  safe: 'warehouse/safe/',
  /** Lake bucket (`etl`, `phi`) and safe bucket (`bi`): results of queries. */
  results: { all: 'athena-results/', etl: 'athena-results/etl/', phi: 'athena-results/phi/', bi: 'athena-results/bi/' },
} as const;
