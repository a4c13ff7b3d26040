import { parseJson } from './lossless-json.ts';

/** The object or list that a JSON text holds; any other text as it is. */
export function openJsonText(text: string): unknown {
  if (!/^\s*[[{]/.test(text)) return text;
  try {
    return parseJson(text);
  } catch {
    return text;
  }
}
