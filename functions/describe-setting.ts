import * as z from 'zod';
import { didYouMean } from './nearest.ts';

/** One line for each wrong setting: its path, what it holds, what it may hold. An address is not quoted: it may carry a credential. */
export function describeSetting(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return describeUnknown(issue, schema);
  const message = issue.code === 'invalid_key' ? issue.issues.map((inner) => inner.message).join(', ') : issue.message;
  if (issue.code === 'invalid_key') return [`${path.join('.')}: ${message}`];
  const value = path.at(-1) === 'baseUrl' ? 'wrong' : show(issue.input);
  return [`${path.join('.') || 'the settings'} is ${value}; ${message}`];
}

/** One line for each key that is no setting: its path, the nearest setting, all there are. Its value is never shown. */
export function describeUnknown({ path, keys }: z.core.$ZodIssueUnrecognizedKeys, schema: z.ZodType): string[] {
  const allowed = settingsAt(schema, path.map(String));
  return keys.map((key) => {
    return `${[...path, key].join('.')} is no setting${didYouMean(key, allowed)}; expected one of ${allowed.join(', ')}`;
  });
}

/** A list or an object is not quoted: what was put in the wrong place may be a credential. */
function show(value: unknown): string {
  if (value === undefined) return 'not set';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}

/** Names of the settings that stand at a path. */
function settingsAt(schema: z.ZodType, path: readonly string[]): string[] {
  const at = unwrap(schema);
  const [name, ...rest] = path;
  if (name === undefined)
    return at instanceof z.ZodObject ? Object.keys(at.shape).filter((key) => key !== '$schema') : [];
  if (at instanceof z.ZodObject) return at.shape[name] ? settingsAt(at.shape[name], rest) : [];
  if (at instanceof z.ZodRecord) return settingsAt(at.valueType as z.ZodType, rest);
  return at instanceof z.ZodArray ? settingsAt(at.element as z.ZodType, rest) : [];
}

function unwrap(schema: z.ZodType): z.ZodType {
  if (schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault || schema instanceof z.ZodOptional) {
    return unwrap(schema.unwrap() as z.ZodType);
  }
  return schema;
}
