import type { Table } from '../../schemas/table.ts';
import type { ViewSettings } from '../../schemas/views/view-settings.ts';
import type { Settings } from '../settings.ts';
import { durationMs } from '../time.ts';
import { type ViewSettingsSource, viewSettingsOf } from '../view-settings.ts';

/** What the manager's page is made for, besides the figures. */
export interface ReportRequest {
  /** Name of the clinic or group. */
  readonly title: string | undefined;
  /** Weeks that the charts show, from 2. */
  readonly weeks: number;
  /** Counts below it are hidden in breakdowns, except 0. 1 hides nothing. */
  readonly minimumCell: number;
  /** A stream that was not read for this time is behind. */
  readonly staleAfterMs: number;
  readonly views: ViewSettings;
  /** Tables of the sources that the page is about. */
  readonly tables: readonly Table[];
  /** When the page is made. */
  readonly at: Date;
}

const WEEKS = 8;
/** Most weeks that the charts have room for. */
export const MOST_WEEKS = 26;
const STALE_AFTER = '3h';

/** What the settings say of the page. */
export function reportSettings(
  settings: Pick<Settings, 'report'> & ViewSettingsSource,
): Omit<ReportRequest, 'tables' | 'at'> {
  const { report = {} } = settings;
  return {
    title: report.title,
    weeks: report.weeks ?? WEEKS,
    minimumCell: report.minimumCell ?? 1,
    staleAfterMs: durationMs(report.staleAfter ?? STALE_AFTER),
    views: viewSettingsOf(settings),
  };
}
