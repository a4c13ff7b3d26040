import type { Source } from '../functions/source/source.ts';

type Listed = Pick<Source, 'name' | 'credentials' | 'options' | 'streams'>;

/** README with a row for each source and each table that it does not name yet. What is there stays as somebody wrote it. */
export function addToReadme(readme: string, sources: readonly Listed[]): string {
  const vendors = sources.filter(({ credentials }) => !credentials.every((name) => readme.includes(`\`${name}\``)));
  const tables = sources
    .flatMap(({ streams }) => Object.values(streams).flatMap((stream) => stream.tables))
    .filter(({ name }) => !readme.includes(`\`${name}\``));
  const withVendors = addRows(readme, '| vendor | credentials |', vendors.map(vendorRow));
  // The head of the table says "one row per" already.
  const tableRows = tables.map(
    ({ name, doc }) => `| \`${name}\` | ${doc.replace(/^One row per /, '').replace(/\.$/, '')} |`,
  );
  return addRows(withVendors, '| table | one row per |', tableRows);
}

function vendorRow({ name, credentials, options = [], streams }: Listed): string {
  const variables = [...credentials, ...options].map((variable) => `\`${variable}\``).join(', ');
  return `| ${titleOf(name)} | ${variables} | ${Object.keys(streams).join(', ').replaceAll('_', ' ')} |`;
}

function titleOf(name: string): string {
  return name.replace(
    /(^|_)(\w)/g,
    (_all, before: string, letter: string) => `${before && ' '}${letter.toUpperCase()}`,
  );
}

/** Adds rows to the end of the table with this head. @throws Error if there is no such table */
function addRows(text: string, head: string, rows: readonly string[]): string {
  if (rows.length === 0) return text;
  const lines = text.split('\n');
  const begin = lines.findIndex((line) => line.startsWith(head));
  if (begin === -1) throw new Error(`README.md has no table that begins with ${head}`);
  const length = lines.slice(begin).findIndex((line) => !line.startsWith('|'));
  return lines.toSpliced(begin + length, 0, ...rows).join('\n');
}

/** The first line after the variables of the vendors. */
const AFTER_VENDORS = '# Another origin';

/** `.env.example` with the variables of each source. */
export function addToEnvironment(text: string, sources: readonly Listed[]): string {
  const missing = sources.flatMap(({ credentials }) => {
    const names = credentials.filter((name) => !new RegExp(`^${name}=`, 'm').test(text));
    return names.length === 0 ? [] : [`${names.map((name) => `${name}=\n`).join('')}\n`];
  });
  const place = text.indexOf(AFTER_VENDORS);
  if (place === -1) throw new Error(`.env.example has no line that begins with ${AFTER_VENDORS}`);
  return text.slice(0, place) + missing.join('') + text.slice(place);
}
