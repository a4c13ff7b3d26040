import { CHART_STYLE } from './style/charts.ts';
import { COLOURS } from './style/colours.ts';
import { LAYOUT_STYLE } from './style/layout.ts';
import { MEDIA_STYLE } from './style/media.ts';
import { TABLE_STYLE } from './style/tables.ts';

/** The style of the page. The rules for phones and print come last, because they replace earlier ones. */
export const STYLE = [COLOURS, LAYOUT_STYLE, TABLE_STYLE, CHART_STYLE, MEDIA_STYLE].join('');
