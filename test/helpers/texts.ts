import { type ShownTextsOptions, shownTexts } from '../../functions/extract/rows/shown-texts.ts';

/** The rules of a first run without settings. */
export const testTexts = (more: Partial<ShownTextsOptions> = {}) =>
  shownTexts({ hashKey: 'test-hash-key', at: 0, ...more });
