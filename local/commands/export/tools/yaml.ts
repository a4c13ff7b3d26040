/** What a generated YAML file can hold. */
export type YamlValue = string | number | boolean | null | readonly YamlValue[] | { readonly [key: string]: YamlValue };

/**
 * Writes a YAML document in block style. Texts are JSON texts, which YAML reads as they are, so none can be taken for another type.
 * @see {@link https://yaml.org/spec/1.2.2/#13-terminology}
 */
export function yamlText(value: YamlValue): string {
  return `${lines(value, '').join('\n')}\n`;
}

function lines(value: YamlValue, indent: string): readonly string[] {
  if (value === null || typeof value !== 'object' || isEmpty(value)) return [`${indent}${scalar(value)}`];
  if (Array.isArray(value)) return value.flatMap((item) => listed(item, indent));
  return Object.entries(value).flatMap(([key, item]) => {
    if (item === null || typeof item !== 'object' || isEmpty(item)) return [`${indent}${key}: ${scalar(item)}`];
    return [`${indent}${key}:`, ...lines(item, `${indent}  `)];
  });
}

/** The first line of an item follows its dash. */
function listed(item: YamlValue, indent: string): readonly string[] {
  const [first = '', ...rest] = lines(item, `${indent}  `);
  return [`${indent}- ${first.slice(indent.length + 2)}`, ...rest];
}

function scalar(value: YamlValue): string {
  return JSON.stringify(value);
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
