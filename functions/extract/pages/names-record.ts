import { isJsonObject, RawNumber, valueAtPath } from '../../../schemas/json-text.ts';
import { ContractError } from '../../errors.ts';
import type { Page, Partition } from '../../source/page.ts';
import type { Stream } from '../../source/source.ts';
import type { StreamSession } from '../session/session.ts';

/** After so many answers in which a field names the requested record, one that names another is not by chance. */
const FEWEST_NAMED = 3;

/**
 * Checks whose details, or whose list, an answer is, if it says so: a server or a cache may answer with those of another record. No
 * document says that a field names the record, so that earlier answers must have shown it.
 * @throws ContractError if the answer names another record than the requested one
 */
export function checkNames(
  { stream, progress }: StreamSession,
  { records }: Page,
  { id: record, context }: Partition,
): void {
  for (const { name, field } of namingFields(stream)) {
    const asked = String(context[name] ?? '');
    // A list may name more than its parent, such as a clinician who shares it.
    if (stream.kind === 'per-parent' && asked !== record) continue;
    const path = field.split('.');
    const named = records.flatMap((one) => textOf(isJsonObject(one) ? valueAtPath(one, path) : undefined) ?? []);
    if (named.length === 0) continue;
    const { namedBy = {} } = progress.state();
    const { [field]: known = 0 } = namedBy;
    const isOther = named.some((text) => text.toLowerCase() !== asked.toLowerCase());
    if (!isOther && known < FEWEST_NAMED) progress.updateState({ namedBy: { ...namedBy, [field]: known + 1 } });
    if (!isOther || known < FEWEST_NAMED) continue;
    throw new ContractError(
      `the answer's ${field} is another id than that of the requested record; expected what belongs to that record, as in earlier answers. ` +
        'Nothing of it is stored. If the field is not an id of the record, declare a column for it',
    );
  }
}

interface NamingField {
  /** Name of the fact of the partition. */
  readonly name: string;
  /** Field of the answer's records. */
  readonly field: string;
}

const fieldsByStream = new WeakMap<Stream, readonly NamingField[]>();

/**
 * Fields that may hold the id of the record that was asked for: one that is called like the column that holds it; of details that are one
 * object also the one that holds it in the list. A field that a column reads is what the column says.
 */
function namingFields(stream: Stream): readonly NamingField[] {
  const before = fieldsByStream.get(stream);
  if (before) return before;
  const [{ columns }] = stream.tables;
  const read = new Set(Object.values(columns).flatMap(({ paths }) => paths));
  const fields = Object.entries(columns).flatMap(([column, { paths }]) => {
    const [path = '', ...others] = paths;
    if (!path.startsWith('$') || others.length > 0) return [];
    const name = path.slice(1);
    const isObject = stream.kind === 'details' && !stream.isList;
    const listed = isObject ? (stream.parentTable.columns[name]?.paths ?? []) : [];
    const own = [column, ...listed].filter((field) => !/^[$^]/.test(field) && !read.has(field));
    return [...new Set(own)].map((field) => ({ name, field }));
  });
  fieldsByStream.set(stream, fields);
  return fields;
}

function textOf(value: unknown): string | undefined {
  if (value instanceof RawNumber) return value.text;
  return typeof value === 'number' || (typeof value === 'string' && value !== '') ? String(value) : undefined;
}
