import type { Resource } from '../helpers/infra.ts';

/** An alarm, as the template has it. */
interface AlarmProperties {
  readonly AlarmName: string;
  readonly MetricName: string;
  readonly Dimensions: readonly { readonly Name: string; readonly Value: string }[];
  readonly Statistic: 'Sum' | 'Maximum';
  /** Seconds. */
  readonly Period: number;
  readonly EvaluationPeriods: number;
  readonly Threshold: number;
  readonly TreatMissingData: 'breaching' | 'notBreaching';
}

/** Values that one alarm watches over a time. */
interface Watched {
  readonly alarm: AlarmProperties;
  /** First and last instant at which it is deployed, ms. */
  readonly from: number;
  to: number;
  /** Values of each period, by its number since the epoch. */
  readonly values: Map<number, number>;
}

/** An alarm that rang, and when the period began that made it ring, ms. */
export interface Ring {
  readonly alarm: string;
  readonly at: number;
}

/** The part of CloudWatch that keeps metrics and rings alarms. */
export interface CloudWatch {
  /** The alarms that are deployed from now on, ms. Alarms of these names keep what they saw. */
  deploy(alarms: readonly Resource[], at: number): void;
  /** Takes a value of a metric, with its dimensions. */
  put(metric: string, dimensions: Readonly<Record<string, string>>, value: number, at: number): void;
  /** Every period in which an alarm was ringing. @param until end of the watch, ms */
  rings(until: number): readonly Ring[];
}

/**
 * Evaluates alarms as CloudWatch does: values are gathered by period, and an alarm rings while the last periods reach its threshold.
 * @see {@link https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarm-evaluation.html}
 */
export function openCloudWatch(): CloudWatch {
  const watched = new Map<string, Watched>();
  const byMetric = new Map<string, Watched[]>();
  return {
    deploy(alarms, at) {
      const deployed = alarms.map(({ Properties }) => Properties as unknown as AlarmProperties);
      const names = new Set(deployed.map(({ AlarmName: name }) => name));
      for (const [name, one] of watched) if (!names.has(name)) one.to = Math.min(one.to, at);
      for (const alarm of deployed) {
        if (watched.has(alarm.AlarmName)) continue;
        const one = { alarm, from: at, to: Number.POSITIVE_INFINITY, values: new Map<number, number>() };
        const metric = metricOf(
          alarm.MetricName,
          Object.fromEntries(alarm.Dimensions.map(({ Name, Value }) => [Name, Value])),
        );
        watched.set(alarm.AlarmName, one);
        byMetric.set(metric, [...(byMetric.get(metric) ?? []), one]);
      }
    },
    put(metric, dimensions, value, at) {
      for (const { alarm, values } of byMetric.get(metricOf(metric, dimensions)) ?? []) {
        const period = Math.floor(at / (alarm.Period * 1000));
        const before = values.get(period);
        const sum = before === undefined ? value : before + value;
        values.set(period, alarm.Statistic === 'Sum' ? sum : Math.max(before ?? value, value));
      }
    },
    rings: (until) => [...watched.values()].flatMap((one) => ringsOf(one, until)),
  };
}

/** Name of an alarm without that of its stage. */
export function alarmName(deployed: string): string {
  return deployed.replace(/^callhouse-[^-]+-/, '');
}

/** Periods that begin and end while the alarm is deployed. */
function ringsOf({ alarm, from, to, values }: Watched, until: number): readonly Ring[] {
  const ms = alarm.Period * 1000;
  const last = Math.floor(Math.min(to, until) / ms);
  const rings: Ring[] = [];
  let inRow = 0;
  for (let period = Math.ceil(from / ms); period < last; period += 1) {
    const value = values.get(period);
    const breaches = value === undefined ? alarm.TreatMissingData === 'breaching' : value >= alarm.Threshold;
    inRow = breaches ? inRow + 1 : 0;
    if (inRow >= alarm.EvaluationPeriods) rings.push({ alarm: alarmName(alarm.AlarmName), at: period * ms });
  }
  return rings;
}

function metricOf(name: string, dimensions: Readonly<Record<string, string>>): string {
  return JSON.stringify([name, ...Object.entries(dimensions).sort(([a], [b]) => (a < b ? -1 : 1))]);
}
