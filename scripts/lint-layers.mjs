// Holds the arrows of docs/architecture.md: schemas <- functions <- infra, local. Prints each import that runs against
// them as file:line and the rule; ends with 1 if there is any. `node scripts/lint-layers.mjs [FOLDER]`
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative, resolve, sep } from 'node:path';
import { pathToFileURL } from 'node:url';

const LAYERS = ['schemas', 'functions', 'local', 'infra'];
const SOURCE = /\.(ts|mts|cts|tsx|js|mjs|cjs)$/;
/** `import … from 'x'`, `export … from 'x'` and `import 'x'` at the beginning of a line; `import('x')` and `require('x')` anywhere. */
const IMPORT =
  /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"\n]+)['"]|\b(?:import|require)\s*\(\s*['"`]([^'"`\n]+)['"`]/gm;

const under = (path, ...folders) => folders.some((folder) => path === folder || path.startsWith(`${folder}/`));
const isAws = (name) => name.startsWith('@aws-');

/** Each rule: its words, and whether an import of `to` by the file `from` breaks it; `to` is a path here or a package. */
const RULES = [
  {
    says: 'schemas/ imports zod and itself only',
    breaks: ({ from, to, isLocal }) =>
      under(from, 'schemas') && !(isLocal ? under(to, 'schemas') : /^zod(\/|$)/.test(to)),
  },
  {
    says: 'functions/ never imports local/ or infra/',
    breaks: ({ from, to }) => under(from, 'functions') && under(to, 'local', 'infra'),
  },
  {
    says: 'infra/ reads sources and tables, never handlers',
    breaks: ({ from, to }) => under(from, 'infra') && under(to, 'functions/handlers', 'functions/lambda.ts'),
  },
  {
    says: 'local/simulators/ never imports schemas/ or functions/: it is an account of the vendors of its own',
    breaks: ({ from, to }) => under(from, 'local/simulators') && under(to, 'schemas', 'functions'),
  },
  {
    says: 'only functions/aws/ and functions/lambda.ts import @aws-* packages',
    breaks: ({ from, to, isLocal }) => !isLocal && isAws(to) && !under(from, 'functions/aws', 'functions/lambda.ts'),
  },
  {
    says: 'only functions/aws/, functions/lambda.ts, infra/ and local/ import functions/aws/',
    breaks: ({ from, to }) =>
      under(to, 'functions/aws') && !under(from, 'functions/aws', 'functions/lambda.ts', 'infra', 'local'),
  },
];

/** Every import of a source text, with its line. */
function importsOf(text) {
  return [...text.matchAll(IMPORT)].map((match) => {
    const name = match[1] ?? match[2];
    const line = text.slice(0, match.index + match[0].lastIndexOf(name)).split('\n').length;
    return { name, line };
  });
}

/** `file:line: what is imported: the rule`, for each import that breaks one. */
export function lintLayers(root) {
  const problems = [];
  for (const from of LAYERS.flatMap((layer) => filesIn(join(root, layer)))) {
    const path = relative(root, from).split(sep).join('/');
    for (const { name, line } of importsOf(readFileSync(from, 'utf8'))) {
      const isLocal = name.startsWith('.');
      const to = isLocal ? posix.join(dirname(path), name) : name;
      for (const { says, breaks } of RULES) {
        if (breaks({ from: path, to, isLocal })) problems.push(`${path}:${line}: imports ${name}; ${says}`);
      }
    }
  }
  return problems;
}

function filesIn(folder) {
  if (!statSync(folder, { throwIfNoEntry: false })) return [];
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesIn(path);
    return SOURCE.test(entry.name) ? [path] : [];
  });
}

if (import.meta.url === pathToFileURL(resolve(process.argv[1] ?? '')).href) {
  const problems = lintLayers(resolve(process.argv[2] ?? '.'));
  for (const problem of problems) console.error(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
