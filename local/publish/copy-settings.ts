import type { Settings } from '../../functions/settings.ts';
import { type ViewSettingsSource, viewFields } from '../../functions/view-settings.ts';

/** The settings that say what a data directory shows: the published copy, where it is, and the manager's page. */
export type CopySettings = ViewSettingsSource & Pick<Settings, 'publish' | 'group' | 'report'>;

const KEPT = ['timeZone', 'publish', 'group', 'report', ...Object.keys(viewFields)] as readonly (keyof CopySettings)[];

/** Keeps these settings alone. They are stored, so no URL of a vendor is among them. */
export function copySettingsOf(settings: CopySettings): CopySettings {
  const sources = Object.entries(settings.sources).flatMap(([name, source]) => {
    const { ownUserIds, costCurrency } = source ?? {};
    return ownUserIds || costCurrency ? [[name, { ownUserIds, costCurrency }] as const] : [];
  });
  const kept = KEPT.flatMap((name) => (settings[name] === undefined ? [] : [[name, settings[name]] as const]));
  return { ...Object.fromEntries(kept), sources: Object.fromEntries(sources) } as CopySettings;
}

/** True if both show the same. */
export function areEqual(one: CopySettings, other: CopySettings): boolean {
  return JSON.stringify(copySettingsOf(one)) === JSON.stringify(copySettingsOf(other));
}
