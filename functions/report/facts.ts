import type { Period } from './period.ts';

/** One account of a source. */
export interface Account {
  readonly source: string;
  readonly account: string;
}

/** A row of `key_figures`. */
export interface KeyFigure {
  /** Null: all of them together. */
  readonly source: string | null;
  readonly account: string | null;
  readonly metric: string;
  /** calls, sessions, s, ratio or currency. */
  readonly unit: string;
  /** 1 if more is better, -1 if less is better, 0 if neither. */
  readonly better: number;
  readonly value: number | null;
  /** Calls that the value rests on. */
  readonly base: number | null;
  readonly previous: number | null;
  readonly previousBase: number | null;
  readonly isComplete: boolean;
}

/** Measures of `calls_daily`, of one account and day. Null: the vendor does not say. */
export interface DayFigures extends Account {
  readonly date: string;
  readonly calls: number;
  readonly missed: number | null;
  readonly booked: number | null;
  readonly afterHours: number | null;
  readonly waited: number | null;
  readonly inTarget: number | null;
  readonly costCurrency: string | null;
}

/** Inbound calls of one hour of the week, over all weeks of the charts. */
export interface HourFigures {
  /** 1 Monday to 7 Sunday. */
  readonly weekday: number;
  /** 0 to 23. */
  readonly hour: number;
  readonly missed: number;
  readonly answered: number;
}

/** Percentiles of the wait of answered inbound calls in the seven days to a day, s. */
export interface WeekWait {
  readonly to: string;
  readonly calls: number;
  readonly median: number;
  readonly p95: number;
}

/** Calls of 28 days by what they were about. */
export interface CategoryFigures {
  readonly category: string;
  readonly bookable: number;
  readonly booked: number;
}

/** Open follow-ups of one range of ages; see `agesFor`. */
export interface FollowUpAge {
  /** Place in the list of ages; null: the age is unknown. */
  readonly bin: number | null;
  readonly open: number;
  readonly overdue: number;
  /** d */
  readonly oldest: number | null;
}

/** Calls of a clinician in one week of the charts. */
export interface ClinicianWeek extends Account {
  readonly id: string;
  readonly name: string | null;
  readonly to: string;
  readonly calls: number;
}

/** Visits of a clinician in the seven days. */
export interface ClinicianVisits extends Account {
  readonly id: string;
  readonly visits: number;
  /** Median length, s. */
  readonly median: number | null;
  readonly hours: number | null;
  /** Ended visits of which the participants are known, and those among them with both sides. */
  readonly attended: number;
  readonly both: number;
  readonly failed: number;
}

/** Calls of a voice agent in the seven days. */
export interface AgentFigures extends Account {
  readonly agent: string;
  readonly calls: number;
  readonly missed: number;
  readonly offered: number;
  readonly booked: number;
  readonly bookable: number;
  /** Median length, s. */
  readonly median: number | null;
  readonly cost: number | null;
  readonly costCurrency: string | null;
  /** Number of agents in all; the rows are those with the most calls. */
  readonly agents: number;
}

/** How far a stream was read. */
export interface StreamFreshness extends Account {
  readonly stream: string;
  /** ok, partial or failed. */
  readonly lastStatus: string;
  /** End of the newest window that a complete run read. */
  readonly through: Date | null;
}

/** What the figures leave out, of one account. */
export interface QualityIssue extends Account {
  readonly meaning: string;
  readonly calls: number;
}

/** Days on which the vendor's own count of calls can be compared with ours. */
export interface Reconciliation {
  readonly days: number;
  readonly equal: number;
}

/** Everything that the page shows. */
export interface ReportFacts {
  /** Undefined: no calls were read completely yet. */
  readonly period: Period | undefined;
  /** Accounts whose calls were read, with the first day that was not read to its end. */
  readonly accounts: readonly (Account & { readonly until: string })[];
  readonly figures: readonly KeyFigure[];
  readonly days: readonly DayFigures[];
  readonly hours: readonly HourFigures[];
  readonly waits: readonly WeekWait[];
  readonly categories: readonly CategoryFigures[];
  readonly followUps: readonly FollowUpAge[];
  readonly clinicians: readonly ClinicianWeek[];
  readonly visits: readonly ClinicianVisits[];
  readonly agents: readonly AgentFigures[];
  readonly streams: readonly StreamFreshness[];
  readonly quality: readonly QualityIssue[];
  readonly reconciliation: Reconciliation | undefined;
}
