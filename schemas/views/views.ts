import { DATABASES, type Databases } from '../derive/databases.ts';
import type { Table } from '../table.ts';
import { callsView } from './calls.ts';
import { callsDailyView, callsHourlyView } from './calls-by-time.ts';
import { freshnessView } from './freshness.ts';
import { kismetViews } from './kismet.ts';
import type { View, ViewSettings } from './view.ts';

/** All views that these tables allow. Each comes after the views that it reads. */
export function viewsFor(
  tables: readonly Table[],
  settings: ViewSettings,
  databases: Databases = DATABASES,
): readonly View[] {
  const calls = callsView(tables, databases);
  return [
    ...(calls ? [calls, callsDailyView(settings, databases), callsHourlyView(settings, databases)] : []),
    freshnessView(databases),
    ...kismetViews(tables, settings, databases),
  ];
}
