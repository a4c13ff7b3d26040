#!/usr/bin/env node
import { describeOldNode } from './node-version.ts';

// All that is made from here on may hold health data: its owner alone can read it, DuckDB's files and those of a killed run included.
process.umask(0o077);

// An old Node parses this file and the one above, and must say what it lacks: everything else is imported after the check.
const tooOld = describeOldNode(process.versions.node);
if (tooOld === undefined) {
  void import('./main.ts').then((module) => module.main(process));
} else {
  process.stderr.write(`callhouse: ${tooOld}\n`);
  process.exitCode = 2;
}
