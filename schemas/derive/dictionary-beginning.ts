import type { Table } from '../table.ts';
import type { View } from '../views/view.ts';
import { guide } from './dictionary-guide.ts';
import { code, markdownTable } from './markdown.ts';
import { vendorColumns } from './vendor-columns.ts';

/** The views that answer most questions, in the order to try them. */
const FIRST = ['key_figures', 'calls_daily', 'calls'];

/** The views in the order in which the dictionary shows them: first those that answer most questions. */
export function inReadingOrder(views: readonly View[]): readonly View[] {
  const first = FIRST.flatMap((name) => views.filter((view) => view.name === name));
  return [...first, ...views.filter(({ name }) => !FIRST.includes(name))];
}

/** What an analyst reads before the first query. */
export function beginning(tables: readonly Table[], views: readonly View[]): readonly string[] {
  const first = FIRST.filter((name) => views.some((view) => view.name === name));
  if (first.length === 0) return [];
  const told = vendorColumns(tables);
  return [
    '## Begin here',
    `Start with ${first.map(code).join(', ')}: they answer most questions. [questions.md](questions.md) has thirty questions with their queries.`,
    RULES.map((rule) => `- ${rule}`).join('\n'),
    ...guide(views),
    '## All views',
    markdownTable(
      ['view', 'one row is identified by', 'what it is'],
      inReadingOrder(views).map(({ name, key, doc }) => [
        `[${name}](#${name})`,
        key.map(code).join(', '),
        firstSentence(doc),
      ]),
    ),
    ...(told === undefined ? [] : ['## Which vendor says what', VENDORS, told]),
    '## Words',
    markdownTable(
      ['word', 'what it means here'],
      WORDS.map(([word, meaning]) => [word, meaning]),
    ),
  ];
}

function firstSentence(doc: string): string {
  return doc.split(/(?<=\.) /)[0] ?? doc;
}

const RULES = [
  'SQL is that of DuckDB, on AWS that of Athena. The views are the same on both.',
  'In views, null means that the vendor does not say. It is never shown as 0 or false: count what is known, and divide by that.',
  'Measures can be added up over days, sources and accounts, except costs of different or unknown currency. For a rate, add up first and divide the sums; never average averages.',
  'The period of a rate: take whole days with `is_complete_day`, or the last 7 whole days from `key_figures`.',
  'Rows of removed records stay in the tables, with `_deleted_at` set; views leave them out.',
  "Timestamps are in UTC, except those of type *clinic clock*. Days, weekdays and hours are those of the clinic's time zone.",
  'This page was written with the default settings: time zone UTC, an answer within 20 s, repeat calls within 7 days, follow-ups within 3 days, no opening hours. Where it says (UTC), read the zone of your setting `timeZone`. Your settings are in the file `callhouse.config.json` or `callhouse.config.ts` ([README](../README.md#settings)); the comments of the columns in your warehouse name the zone, seconds and days that it uses.',
  "A vendor's word that its document does not list, such as a rare language, is null until 5 records show it or the setting `safeValues` names it.",
  'Values that cannot be true are null in views; `calls.implausible` names them and `data_quality` counts them.',
];

const VENDORS =
  'Where a vendor gives no such value at all, there is a –. Where it does, the value may still be missing from single calls. For Kismet, `kismet_sessions` has the length of a call and who took part.';

const WORDS: readonly (readonly [string, string])[] = [
  ['account', 'one set of credentials of a vendor; `default` unless you named others'],
  ['stream', "one of a vendor's lists, such as calls or audit logs"],
  ['run', 'one reading of a stream; it ends as ok (complete), partial (the next run continues) or failed'],
  ['scan', 'a reading of a complete list, which also shows what the vendor removed'],
  ['window', 'the stretch of time that a run read'],
  ['commit', 'what one run of a stream stored, all or nothing'],
  ['base', 'the number of calls that a figure rests on'],
  ['plausible', 'possible at all: settings `plausible` say from where on a value is left out'],
  [
    'keyed hash',
    'a code that is equal for equal numbers and cannot be turned back into one without the key (HMAC-SHA256)',
  ],
  ['E.164', 'the international form of a phone number, such as +12025550123'],
  ['Recipient, User', "Kismet's words for the patient, and for the clinician or staff, in a call"],
  ['work queue', "Solum's list of calls for staff to work through: pending, done or follow_up_needed"],
  [
    'egress, canvas, LiveKit',
    "Kismet's words for a recording, the shared drawing board, and the software that carries its video",
  ],
];
