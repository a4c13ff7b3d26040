#!/usr/bin/env node
import { describeOldNode } from './node-version.ts';

// An old Node parses this file and the one above, and must say what it lacks: everything else is imported after the check.
const tooOld = describeOldNode(process.versions.node);
if (tooOld === undefined) {
  import('./main.ts').then((module) => module.main(process));
} else {
  process.stderr.write(`callhouse: ${tooOld}\n`);
  process.exitCode = 2;
}
