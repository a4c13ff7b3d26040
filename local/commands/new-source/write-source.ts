import { orderLines } from './guess-order.ts';
import type { Sample } from './read-sample.ts';
import { constantOf, type NewTable, WIDTH } from './write-table.ts';

/** Text of `functions/sources/<source>.ts`. */
export function sourceFile(table: NewTable, { records, list, paging }: Sample): string {
  const { source } = table;
  const constant = constantOf(source);
  return [
    `import { ${constant} } from '../../schemas/tables/${source}.ts';`,
    "import { bearer } from '../source/auth.ts';",
    ...(paging.helper ? [`import { ${paging.helper} } from '../source/paging.ts';`] : []),
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
    `      tables: [${constant}],`,
    "      path: '/v1/calls',",
    ...(paging.firstPage === undefined ? [] : ['      firstPage: 0,']),
    '      pageSize: 100,',
    ...orderLines(table, records),
    ...askLines(paging.query),
    ...answerLines(list, paging.answer),
    '    },',
    '  },',
    '});',
    '',
  ].join('\n');
}

function askLines(query: Sample['paging']['query']): readonly string[] {
  const parameters = Object.entries(query).map(([name, value]) => {
    const key = /^[A-Za-z_$][\w$]*$/.test(name) ? name : `'${name.replace(/['\\]/g, '\\$&')}'`;
    return key === value ? key : `${key}: ${value}`;
  });
  const line = `      ask: ({ ${Object.values(query).join(', ')} }) => ({ query: { ${parameters.join(', ')} } }),`;
  if (line.length <= WIDTH) return [line];
  return [
    `      ask: ({ ${Object.values(query).join(', ')} }) => ({`,
    '        query: {',
    ...parameters.map((parameter) => `          ${parameter},`),
    '        },',
    '      }),',
  ];
}

function answerLines(list: string, parts: Sample['paging']['answer']): readonly string[] {
  // An answer that is the list itself is the default.
  if (list === '.') return [];
  const fields = Object.entries({ records: `'${list}'`, ...parts }).map(([name, text]) => `${name}: ${text}`);
  const line = `      answer: { ${fields.join(', ')} },`;
  return line.length <= WIDTH ? [line] : ['      answer: {', ...fields.map((field) => `        ${field},`), '      },'];
}
