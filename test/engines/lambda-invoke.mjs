// Invokes a bundled Lambda once, in a process of its own, as Lambda would: `node lambda-invoke.mjs BUNDLE EVENT BUDGET_MS`.
// The last line printed tells how it ended, and what it took.
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const [bundle, event, budgetMs] = process.argv.slice(2);
const { handler } = await import(pathToFileURL(bundle).href);
const began = Date.now();
const context = { awsRequestId: randomUUID(), getRemainingTimeInMillis: () => began + Number(budgetMs) - Date.now() };
const late = setTimeout(() => end({ killed: true }), Number(budgetMs));
try {
  end({ result: await handler(JSON.parse(event), context) });
} catch (error) {
  end({ error: `${error.name}: ${error.message}`, stack: error.stack });
}

function end(outcome) {
  clearTimeout(late);
  // Not `resourceUsage().maxRSS`: it begins with what the process that started this one had.
  const peakMb = Math.round(Number(/^VmHWM:\s+(\d+) kB$/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024);
  process.stdout.write(
    `\n${JSON.stringify({ ...outcome, ms: Date.now() - began, peakMb, node: process.version })}\n`,
    () => process.exit(0),
  );
}
