// Ends an npm script with one line on a Node that is older than `engines` of package.json asks for. Old syntax only: `node scripts/check-node.cjs`
var least = require('../package.json').engines.node.replace('>=', '');
var seen = process.versions.node.split('.').map(Number);
var wanted = least.split('.').map(Number);
if (seen[0] < wanted[0] || (seen[0] === wanted[0] && seen[1] < wanted[1])) {
  console.error(
    'callhouse: Node ' +
      process.versions.node +
      ' is too old; expected Node ' +
      least +
      ' or later: install a newer Node, then run this again',
  );
  process.exitCode = 2;
}
