import type { Sample } from './read-sample.ts';
import { constantOf, type NewTable, startOf } from './write-table.ts';

/** Text of `functions/sources/<source>.ts`. */
export function sourceFile(table: NewTable, sample: Pick<Sample, 'list' | 'parts'>): string {
  const { source } = table;
  const constant = constantOf(source);
  const start = startOf(table);
  const token = sample.parts.next === undefined ? 'page' : 'cursor: next';
  return [
    `import { ${constant} } from '../../schemas/tables/${source}.ts';`,
    "import { bearer } from '../source/auth.ts';",
    "import { defineSource } from '../source/source.ts';",
    '',
    '// Written by `callhouse new-source`. Compare each line with the document of the vendor; docs/adding-a-source.md explains them.',
    `/** ${source}: \`GET /v1/calls\`. */`,
    'export default defineSource({',
    `  name: '${source}',`,
    `  baseUrl: 'https://api.${source.replaceAll('_', '-')}.example',`,
    `  auth: bearer('${source.toUpperCase()}_TOKEN'),`,
    '  streams: {',
    '    calls: {',
    "      kind: 'collection',",
    `      tables: [${constant}],`,
    "      path: '/v1/calls',",
    '      pageSize: 100,',
    `      order: [${start ? `'${start.path}'` : ''}],`,
    '      tiers: [',
    "        { every: '15m', back: '6h' },",
    "        { every: '6h', back: '3d' },",
    '      ],',
    `      ask: ({ ${sample.parts.next === undefined ? 'page' : 'next'}, size }) => ({ query: { ${token}, limit: size } }),`,
    ...answerLines(sample),
    '    },',
    '  },',
    '});',
    '',
  ].join('\n');
}

function answerLines({ list, parts }: Pick<Sample, 'list' | 'parts'>): readonly string[] {
  // An answer that is the list itself is the default.
  if (list === '.') return [];
  const fields = Object.entries({ records: list, ...parts }).map(([name, path]) => `${name}: '${path}'`);
  const line = `      answer: { ${fields.join(', ')} },`;
  return line.length <= 120 ? [line] : ['      answer: {', ...fields.map((field) => `        ${field},`), '      },'];
}
