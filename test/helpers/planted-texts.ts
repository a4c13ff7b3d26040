import { hash } from 'node:crypto';
import * as fc from 'fast-check';

/** What a text is made of: a form, and a generated part. */
export type Recipe = readonly [form: keyof typeof FORMS, part: string];

/** Forms of texts that vendors may send. @param mark a word that no other text has */
const FORMS = {
  id: (mark: string) => mark,
  word: (mark: string) => `Thorvald${mark}`,
  name: (mark: string, part: string) => `Jane ${mark} ${part}`,
  mail: (mark: string) => `${mark}@clinic.example`,
  phone: (mark: string) => `+1${mark}`,
  dialled: (mark: string) => `(${mark.slice(0, 3)}) ${mark.slice(3, 6)} ${mark.slice(6)}`,
  formula: (mark: string) => `=HYPERLINK("${mark}")`,
  control: (mark: string) => `\u001b[2J${mark}\u202e`,
  json: (mark: string) => `{"diagnosis":["${mark}"]}`,
  sql: (mark: string) => `'; DROP TABLE ${mark}; --`,
  long: (mark: string) => mark + 'x'.repeat(300),
  any: (mark: string, part: string) => `${part}${mark}`,
} as const satisfies Record<string, (mark: string, part: string) => string>;

/** Recipes of texts in every form. */
export const recipes: fc.Arbitrary<readonly Recipe[]> = fc.array(
  fc.tuple(
    fc.constantFrom(...(Object.keys(FORMS) as (keyof typeof FORMS)[])),
    fc.oneof(fc.string({ maxLength: 12 }), fc.string({ unit: 'binary', maxLength: 6 })),
  ),
  { minLength: 40, maxLength: 80 },
);

/** A text that was put into a record. */
export interface Planted {
  readonly text: string;
  /** What to search for: it is in no other text. */
  readonly mark: string;
  /** By the rules, `callhouse` shows it. */
  readonly isShown: boolean;
  /** False if its caller opted out of storage, or if it is in no record. */
  readonly isStored: boolean;
}

/** The texts of all places so far. */
export interface Texts {
  /** The text of a place, the same whenever it is asked for. @param place names it */
  at(
    place: string,
    is: Pick<Planted, 'isStored'> & { readonly isShown: boolean | ((text: string) => boolean) },
  ): string;
  readonly planted: () => readonly Planted[];
}

/** @param made recipes, one of which each place follows */
export function textsOf(made: readonly Recipe[]): Texts {
  const texts = new Map<string, Planted>();
  return {
    planted: () => [...texts.values()],
    at(place, { isShown, isStored }) {
      const known = texts.get(place);
      if (known) return known.text;
      const [form, part] = made[draw(place) % made.length] ?? ['word', ''];
      const isNumber = form === 'phone' || form === 'dialled';
      const mark = isNumber ? String(2_025_000_000 + texts.size) : `zq${texts.size.toString(36)}qz`;
      const text = FORMS[form](mark, part);
      const shown = typeof isShown === 'boolean' ? isShown : isShown(text);
      texts.set(place, { text, mark: form === 'dialled' ? text : mark, isShown: shown, isStored });
      return text;
    },
  };
}

/** A number that depends on a text alone. */
function draw(text: string): number {
  return Number.parseInt(hash('sha1', text).slice(0, 8), 16);
}

/** A record that texts are put into. */
export interface Soil {
  /** Vendor and list. */
  readonly list: string;
  readonly id: string;
  /** False if its caller opted out of storage. */
  readonly isStored: boolean;
}

/** Fields whose columns are ids, and names that staff chose, as the table contract has them. */
const IDS: Readonly<Record<string, readonly string[]>> = {
  'kismet logs': ['user_id'],
  'solum calls': ['id', 'org_id', 'assistant_id', 'phone_number_id'],
  'zudu calls': [
    ...['call_id', 'id', 'agent_id', 'organization_id'],
    ...['telephony_identifier.call_sid', 'telephony_identifier.conference_sid'],
  ],
  'kalem calls': ['call_id'],
};
const LABELS: Readonly<Record<string, string>> = { 'kismet users': 'display_name', 'kalem calls': 'agent' };
const INSTANT = /^\d{4}-\d\d-\d\d/;

/** True for texts that `callhouse` shows in a field. Each text is in one record, so no word is ever earned. */
function isShownIn(list: string, path: string): (text: string) => boolean {
  if (IDS[list]?.includes(path)) return isId;
  return LABELS[list] === path ? isLabel : () => false;
}

/** True for the form of an id. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9_.:-]{1,128}$/.test(text) && !/^(?:\d{10}|1\d{10})$/.test(text);
}

/** True for a name. The generated part of a text has no digits enough for a telephone number. */
export function isLabel(text: string): boolean {
  return text.length <= 120 && !text.includes('@') && !/\d{3}\W*\d{3}\W*\d{4}/.test(text);
}

/** Replaces texts of a record, wherever they are below it, and adds fields that no document names. */
export function plantIn(record: Record<string, unknown>, soil: Soil, texts: Texts): void {
  const { list, id, isStored } = soil;
  const textAt = (path: string) => texts.at(`${list} ${id} ${path}`, { isShown: isShownIn(list, path), isStored });
  const replace = (value: unknown, path: string): unknown => {
    if (typeof value === 'string')
      return INSTANT.test(value) || draw(`${list} ${id} ${path} kept`) % 3 === 0 ? value : textAt(path);
    if (Array.isArray(value)) return value.map((member, n) => replace(member, `${path}[${n}]`));
    if (typeof value !== 'object' || value === null) return value;
    for (const [name, member] of Object.entries(value))
      Reflect.set(value, name, replace(member, path === '' ? name : `${path}.${name}`));
    return value;
  };
  replace(record, '');
  for (const holder of [record, record['metadata'], record['object_changes']]) {
    if (typeof holder !== 'object' || holder === null || draw(`${list} ${id} more`) % 2 === 0) continue;
    const path = holder === record ? '' : 'below';
    Reflect.set(
      holder,
      textAt(`${path} name`),
      holder === record['object_changes'] ? [null, textAt('new')] : textAt(`${path} value`),
    );
  }
}
