// What the measurements have in common: the built code, and the figures of a process of its own.

/** Imports a file of the built code. */
export const dist = (path) => import(new URL(`../dist/${path}`, import.meta.url).href);

/** Prints figures of this process, with its CPU seconds and its most memory, MiB, as one line of JSON. */
export function report(figures) {
  const { user, system } = process.cpuUsage();
  console.log(JSON.stringify({ ...figures, cpu: (user + system) / 1e6, rss: process.resourceUsage().maxRSS / 1024 }));
}

/** Runs a command in this process as users do, without its output; reports at its end, unless it fails. */
export async function runCommand(...args) {
  process.argv.splice(1, process.argv.length, 'callhouse', ...args);
  const { write } = process.stdout;
  process.stdout.write = () => true;
  process.stderr.write = () => true;
  process.on('exit', (code) => {
    process.stdout.write = write;
    if (code === 0) report({});
  });
  await dist('local/cli.js');
}
