import type { Json, JsonObject } from './json-text.ts';
import type { Random } from './random.ts';

const FIRST_NAMES = [
  'Maria', 'James', 'Aaliyah', 'Dave', 'Nguyễn', 'José', 'Zoë', 'Søren', "D'Angelo", '美玲', 'أحمد', 'שרה',
  'Mary-Kate', 'Ольга', 'Priya', 'Cafe\u0301sar', 'Anh-Thư', 'Bob "Bobby"', '👩‍⚕️ Joy', 'Łukasz', 'N. K.', 'இளவரசி',
] as const; // biome-ignore format: a table of names

const LAST_NAMES = [
  'Garcia', 'Smith', "O'Brien", 'Van der Berg', 'Nakamura 中村', 'García-López', 'Müller', 'Johnson, Jr.', 'Haddad حداد',
  'Cohen', 'Petrova', 'Washington', 'Kim 김', 'St. John', 'Ångström', 'Patel',
] as const; // biome-ignore format: a table of names

/** A person's name, sometimes in other scripts, with quotes or with combining marks. */
export function personName(random: Random): string {
  return `${random.pick(FIRST_NAMES)} ${random.pick(LAST_NAMES)}`;
}

/** A phone number as a vendor may show it: mostly E.164, also local writing, SIP, withheld. */
export function phoneNumber(random: Random): string {
  const digits = `${random.int(201, 989)}${random.int(200, 999)}${random.int(1000, 9999)}`;
  const [area, exchange, line] = [digits.slice(0, 3), digits.slice(3, 6), digits.slice(6)];
  if (random.chance(0.05)) return `+1 (${area}) ${exchange}-${line}`;
  if (random.chance(0.02)) return `+1-${area}-${exchange}-${line}`;
  if (random.chance(0.02)) return `sip:${random.int(1000, 1099)}@sip.kalem.me`;
  if (random.chance(0.015)) return 'anonymous';
  if (random.chance(0.01)) return `${area}${exchange}${line}`;
  if (random.chance(0.01)) return `+4420${random.int(70000000, 79999999)}`;
  return `+1${digits}`;
}

const SUMMARIES = [
  'Patient asked to move the follow-up visit to next week; offered three slots, took the second.',
  'Caller wanted to know whether the clinic takes Blue Cross. Benefits checked, authorization pending.',
  'Refill request for lisinopril 10 mg.\nPharmacy: CVS on 5th Ave.\nCall back after 3 pm.',
  'Nuevo paciente pidió cita para su hija; se agendó evaluación inicial de terapia ocupacional. 😀',
  'Caller said: "I was charged twice", invoice №4471 sent to billing.\tNo callback needed.',
  'Left voicemail, no PHI mentioned.',
  '患者希望改期，已安排周五上午。Family member \u202b(أم المريض)\u202c was on the line.',
  'Cancelled — transport fell through; wait-listed for e\u0301valuation.',
  'Spoke to the parent about the ABA intake packet \\ insurance card (front & back) <still missing>.',
  '=HYPERLINK("http://example.invalid","click")',
] as const;

/** What an agent writes about a call. */
export function callSummary(random: Random): string {
  return random.pick(SUMMARIES);
}

const AGENT_LINES = [
  'Thanks for calling Bright Steps Pediatric Therapy, how can I help?',
  'I can see an opening on Thursday at 2:30 pm. Would that work?',
  'May I have the date of birth, please?',
  'I have sent the intake form to the e-mail address on file.',
  'One moment while I check with the front desk…',
  'Your copay is $35.00; the deductible has been met.',
] as const;

const CALLER_LINES = [
  "Hi, I'd like to schedule an evaluation for my son.",
  'Yes — 04/12/2019.',
  '¿Habla español? Mi hija tiene cita mañana.',
  "That doesn't work, do you have anything after 4?",
  'Okay. "Thursday", got it. Thank you! 🙏',
  '我的保险换了，需要更新吗？',
] as const;

const PLAIN_LINES = [
  'Okay, that works for me.',
  'Could you repeat that?',
  'Sure, one second.',
  'Thank you, bye.',
] as const;

/** One thing somebody said. */
export interface Utterance {
  readonly role: 'agent' | 'user';
  readonly content: string;
}

/** A conversation of so many turns; `plain` keeps to ASCII. */
export function conversation(random: Random, turns: number, plain: boolean): Utterance[] {
  return Array.from({ length: turns }, (_, turn) => {
    if (turn % 2 === 0) return { role: 'agent', content: random.pick(plain ? PLAIN_LINES : AGENT_LINES) };
    return { role: 'user', content: random.pick(plain ? PLAIN_LINES : CALLER_LINES) };
  });
}

/** A conversation as one text. */
export function transcriptText(turns: readonly Utterance[]): string {
  return turns.map((turn) => `${turn.role === 'agent' ? 'Agent' : 'User'}: ${turn.content}`).join('\n');
}

/** An integer that a double cannot hold, as a bigint so that it is served digit by digit. */
export function hugeInteger(random: Random): bigint {
  return 9_007_199_254_740_993n + BigInt(random.int(0, 2_000_000_000)) * 4_000_000n;
}

/** Fields that no document names; most records have none. */
export function unknownFields(random: Random, share: number): JsonObject {
  if (!random.chance(share)) return {};
  const choices: readonly [string, Json][] = [
    ['tags', ['new-patient', 'español', null]],
    ['account_ref', hugeInteger(random)],
    ['crm', { owner: null, score: 0.30000000000000004, ids: [hugeInteger(random), 7], note: 'line\u2028two "quoted"' }],
    ['is_test', false],
    ['internal_note', `call back ${personName(random)}`],
    ['queue_position', random.int(0, 9)],
  ];
  const picked = choices.filter(() => random.chance(0.4));
  return Object.fromEntries(picked.length > 0 ? picked : choices.slice(1, 2));
}

/** Null in that share of cases, else the value. */
export function sometimesNull<T>(random: Random, share: number, value: T): T | null {
  return random.chance(share) ? null : value;
}
