/**
 * Key prefixes in the two buckets. The lake bucket, encrypted with the lake key, holds everything that may contain health data. The
 * safe bucket has its own key and holds `callhouse` and the query results of its readers. So a role without the lake key cannot read
 * health data.
 */
export const PREFIXES = {
  /** Lake bucket: pages as the vendor sent them, `raw/<source>/<account>/…`. */
  raw: 'raw/',
  /** Lake bucket: `staging/<table>/acct=<account>/day=<day>/…`. */
  staging: 'staging/',
  /** Lake bucket: commit log, digests and leases of each account, `…/<source>/<account>/…`. */
  state: ['commits/', 'checkpoints/', 'digests/', 'leases/'],
  /** Lake bucket: what is known of every row. Shards of it are replaced all the time. */
  digests: 'digests/',
  /** Lake bucket: held removals that somebody confirmed, `…/<source>/<account>/…`. A person adds them, the extractor uses them up. */
  confirmations: 'confirmations/',
  /** Lake bucket: which records were erased, `…/<source>/<account>/…`. A person adds them, the extractor leaves such records out. */
  erasures: 'erasures/',
  /** Lake bucket: which key the hashes were made with. Every extractor compares it with its own, and the first one writes it. */
  keys: 'keys/',
  /** Lake bucket: which commits are loaded into the warehouse. */
  progress: 'progress/',
  /** Lake bucket: data files of `callhouse_phi`, `warehouse/phi/<database>/<table>/…`. */
  phi: 'warehouse/phi/',
  /** Safe bucket: data files of `callhouse`, `warehouse/safe/<database>/<table>/…`. */
  safe: 'warehouse/safe/',
  /** Safe bucket: the manager's page. */
  report: 'report/',
  /** Query results: `etl`, `extract` and `phi` in the lake bucket, `bi` in the safe bucket. */
  results: {
    all: 'athena-results/',
    etl: 'athena-results/etl/',
    extract: 'athena-results/extract/',
    phi: 'athena-results/phi/',
    bi: 'athena-results/bi/',
  },
} as const;
