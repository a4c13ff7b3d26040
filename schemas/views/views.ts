import { DATABASES, type Databases } from '../derive/databases.ts';
import type { Table } from '../table.ts';
import { callStatusHistoryView } from './call-status-history.ts';
import { callsView } from './calls.ts';
import { callsDailyView, callsHourlyView, categoriesDailyView, handlersWeeklyView } from './calls-by-time.ts';
import { concurrencyView } from './concurrency.ts';
import { dataQualityView } from './data-quality.ts';
import { followUpsView } from './follow-ups.ts';
import { freshnessView } from './freshness.ts';
import { keyFiguresView } from './key-figures.ts';
import { kismetViews } from './kismet.ts';
import { repeatCallsView } from './repeat-calls.ts';
import type { View } from './view.ts';
import type { ViewSettings } from './view-settings.ts';

/** All views that these tables allow. Each comes after the views that it reads. */
export function viewsFor(
  tables: readonly Table[],
  settings: ViewSettings,
  databases: Databases = DATABASES,
): readonly View[] {
  const kismet = kismetViews(tables, settings, databases);
  const calls = callsView(tables, settings, databases);
  if (!calls) return [...kismet, freshnessView(databases)];
  const hasSessions = kismet.some(({ name }) => name === 'kismet_sessions');
  return [
    calls,
    callsDailyView(tables, settings, databases),
    callsHourlyView(tables, settings, databases),
    handlersWeeklyView(tables, settings, databases),
    categoriesDailyView(tables, settings, databases),
    repeatCallsView(settings, databases),
    keyFiguresView(tables, settings, databases),
    callStatusHistoryView(databases),
    followUpsView(settings, databases),
    ...kismet,
    concurrencyView(settings, hasSessions, databases),
    dataQualityView(tables, settings, databases),
    freshnessView(databases),
  ];
}
