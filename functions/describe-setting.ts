import * as z from 'zod';
import { didYouMean } from './nearest.ts';

/**
 * Describes a wrong setting in one line: its path, its value, and what is expected. The value of `baseUrl` or `tokenUrl` is not shown, because a
 * URL may contain a credential.
 * @param schema the schema that the settings were checked with, to find the names that are allowed
 */
export function describeSetting(issue: z.core.$ZodIssue, schema: z.ZodType): string[] {
  const path = issue.path.map(String);
  if (issue.code === 'unrecognized_keys') return describeUnknown(issue, schema);
  const message = issue.code === 'invalid_key' ? issue.issues.map((inner) => inner.message).join(', ') : issue.message;
  if (issue.code === 'invalid_key') return [`${path.join('.')}: ${message}`];
  const value = /^(base|token)Url$/.test(path.at(-1) ?? '') ? 'not valid' : show(issue.input);
  return [`${path.join('.') || 'the settings'} is ${value}; ${message}`];
}

/**
 * Describes each unknown key in one line: its path, the setting of the most similar name, and all settings there. Values are
 * never shown.
 */
export function describeUnknown({ path, keys }: z.core.$ZodIssueUnrecognizedKeys, schema: z.ZodType): string[] {
  const allowed = settingsAt(schema, path.map(String));
  return keys.map((key) => {
    return `${[...path, key].join('.')} is not a setting${didYouMean(key, allowed)}; expected one of ${allowed.join(', ')}`;
  });
}

/** Lists and objects are not quoted: they may contain a credential that was put in the wrong place. */
function show(value: unknown): string {
  if (value === undefined) return 'not set';
  if (Array.isArray(value)) return 'a list';
  return typeof value === 'object' && value !== null ? 'an object' : JSON.stringify(value);
}

/** Names of the settings below a path. */
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
