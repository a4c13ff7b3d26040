#!/usr/bin/env node
import { describeOldNode } from './node-version.ts';

// Every file may hold health data, so only its owner can read it. The mask covers files that DuckDB creates, and those of a killed run.
process.umask(0o077);

// An old Node must be able to parse this file and node-version.ts, to report its version. Everything else is imported after the check.
const tooOld = describeOldNode(process.versions.node);
if (tooOld === undefined) {
  // Since Node 22.1, compiled code can be kept. It is kept beside the program, because whoever may write it decides what runs.
  const { enableCompileCache } = process.getBuiltinModule('node:module');
  const { fileURLToPath } = process.getBuiltinModule('node:url');
  if (enableCompileCache !== undefined) enableCompileCache(fileURLToPath(new URL('../.compiled', import.meta.url)));
  void import('./main.ts').then((module) => module.main(process));
} else {
  process.stderr.write(`callhouse: ${tooOld}\n`);
  process.exitCode = 2;
}
