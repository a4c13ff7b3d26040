import { ConfigError } from '../../../functions/errors.ts';
import { didYouMean } from '../../../functions/nearest.ts';
import { figuresOf } from '../../../schemas/views/figures.ts';

/** A limit of a key figure: it is crossed where `<value> <sign> <bound>` is true. */
export interface Limit {
  /** As the user wrote it. */
  readonly text: string;
  readonly metric: string;
  readonly sign: '<' | '<=' | '>' | '>=';
  readonly bound: number;
}

const FORM = /^\s*([a-z_0-9]+)\s*(<=|>=|<|>)\s*(-?\d+(?:\.\d+)?)\s*$/;

/** Reads a limit such as `answer_rate < 0.8`. @throws ConfigError that names the form, or the metrics there are */
export function parseLimit(text: string): Limit {
  const [, metric, sign, bound] = FORM.exec(text) ?? [];
  if (metric === undefined || sign === undefined || bound === undefined)
    throw new ConfigError(`${JSON.stringify(text)} is not a limit; expected for example "answer_rate < 0.8"`);
  const metrics = figuresOf({ timeZone: 'UTC' }).map((figure) => figure.metric);
  if (!metrics.includes(metric))
    throw new ConfigError(
      `${metric} is not a metric of key_figures${didYouMean(metric, metrics)}; expected one of ${metrics.join(', ')}`,
    );
  return { text: text.trim(), metric, sign: sign as Limit['sign'], bound: Number(bound) };
}

/** True if the value is beyond the limit. */
export function isCrossed({ sign, bound }: Limit, value: number): boolean {
  if (sign === '<') return value < bound;
  if (sign === '<=') return value <= bound;
  return sign === '>' ? value > bound : value >= bound;
}
